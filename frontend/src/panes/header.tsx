/** The bar over the panes: connection, what there is, the page's time, and what went wrong. */
import { useSignal } from "@preact/signals";
import { LayoutMenu } from "../grid/layout-menu";
import { framesOf } from "../roi/statistic";
import { WINDOWS_S } from "../store";
import type { Follow } from "../time/mode";
import * as format from "../format";
import { Icon } from "./icon";
import type { Session } from "./session";

const CONNECTION = { open: "connected", connecting: "connecting…", closed: "no connection" } as const;

const FOLLOWS: readonly { follow: Follow; text: string; title: string }[] = [
  { follow: "step", text: "In step", title: "Charts end at the frame on screen (I)" },
  { follow: "live", text: "Live", title: "Charts end now (I)" },
];

export function Header({ session }: { session: Session }) {
  const { store, playback } = session;
  const connection = store.connection.value;
  // What is measured of pictures is no stream of its own.
  const streams = store.panes.value.filter(
    ({ stream }) => stream.kind === "frame" || framesOf(stream.id) === null,
  );
  const { follow, stand } = playback.mode.value;
  const series = [...store.traces.value.values()].reduce((sum, traces) => sum + traces.length, 0);
  return (
    <header class="bar">
      <h1>
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <path
            d="M3 19h6l3-10 5 16 3.5-9H29"
            fill="none"
            stroke="currentColor"
            stroke-width="3"
            stroke-linejoin="round"
            stroke-linecap="round"
          />
        </svg>
        streamview
      </h1>
      <span class={`link ${connection}`} role="status">
        {CONNECTION[connection]}
      </span>
      <span class="summary">
        {format.plural(streams.length, "stream")} · {format.plural(series, "series")}
      </span>
      <div class="spacer" />
      <div class="segmented" role="group" aria-label="window of time">
        {WINDOWS_S.map((seconds) => (
          <button
            key={seconds}
            type="button"
            aria-pressed={store.windowS.value === seconds}
            onClick={() => (store.windowS.value = seconds)}
          >
            {seconds} s
          </button>
        ))}
      </div>
      <div class="segmented" role="group" aria-label="what charts end at">
        {FOLLOWS.map((one) => (
          <button
            key={one.follow}
            type="button"
            title={one.title}
            aria-pressed={follow === one.follow}
            onClick={() => {
              if (follow !== one.follow) playback.toggleFollow();
            }}
          >
            {one.text}
          </button>
        ))}
      </div>
      {stand === null ? (
        <button
          type="button"
          class="tool time"
          title="Pause everything (Space)"
          onClick={() => playback.pause()}
        >
          <Icon name="pause" />
          <span>Pause</span>
        </button>
      ) : (
        <button
          type="button"
          class="tool time standing"
          title="Go live (L)"
          onClick={() => playback.goLive()}
        >
          <Icon name="play" />
          <time>
            {format.timeOfDay(stand.targetMs ?? stand.cursorMs)}
            <span class="fine">{format.timeOfDayMs(stand.targetMs ?? stand.cursorMs).slice(-4)}</span>
          </time>
          <span>Go live</span>
        </button>
      )}
      <LayoutMenu session={session} />
      <Notices session={session} />
      <button
        type="button"
        class="tool"
        title="Keys (?)"
        aria-label="help"
        onClick={() => (session.help.value = true)}
      >
        <Icon name="help" />
      </button>
    </header>
  );
}

function Notices({ session }: { session: Session }) {
  const open = useSignal(false);
  const notices = session.store.notices.value;
  return (
    <div class="notices">
      <button
        type="button"
        class={`tool ${notices.length > 0 ? "some" : ""}`}
        title="Notices and events"
        aria-label={`${notices.length} notices`}
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="bell" />
        {notices.length > 0 && <span>{format.count(notices.length)}</span>}
      </button>
      {open.value && (
        <section class="popover" aria-label="notices">
          <h2>Notices and events</h2>
          {notices.length === 0 && <p class="none">Nothing was refused and nothing failed.</p>}
          <ol>
            {notices.map((notice) => (
              <li key={`${notice.source ?? ""} ${notice.text} ${notice.t_ms}`}>
                <time>{format.timeOfDay(notice.t_ms)}</time>
                <div>
                  {notice.source !== null && <b>{notice.source}</b>} {notice.text}
                </div>
                {notice.count > 1 && <span class="times">{format.count(notice.count)} ×</span>}
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
