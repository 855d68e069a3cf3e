/** Regions by name, with their colours and their means at the frame on screen. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../panes/icon";
import { show } from "../panes/legend";
import type { Session } from "../panes/session";
import { useReadings } from "../panes/use-readings";
import { keyOf, type Trace } from "../store";
import { FRAME_PLACE, placesOf } from "./color";
import { FRAME, seriesOf } from "./statistic";

export function RoiList({ session, id }: { session: Session; id: string }) {
  const { store, rois } = session;
  const pane = keyOf({ kind: "frame", id });
  const list = useRef<HTMLUListElement>(null);
  const names = rois.of(id).rois.value.map(({ name }) => name);
  const places = placesOf(names);
  const color = (name: string) =>
    session.theme.value.color(name === FRAME ? FRAME_PLACE : (places.get(name) ?? 0));
  const selection = rois.selection.value;
  const selected = selection?.stream === id ? selection.name : null;

  const traces = store.traces.value.get(seriesOf(id)) ?? [];
  const metrics = store.entries.value.find(({ key }) => key === `metric/${seriesOf(id)}`)?.stream;
  const { readAt } = useReadings(session, pane, seriesOf(id), {
    rate: metrics?.rate ?? null,
    series: traces.length,
  });
  const means = new Map(traces.map((trace): [string, Trace] => [trace.series.name, trace]));
  const latest = useRef({ names, means, readAt });
  latest.current = { names, means, readAt };
  // With every frame: past the components, as in a legend.
  const write = (): void => {
    const { names, means, readAt } = latest.current;
    [FRAME, ...names].forEach((name, index) => {
      const output = list.current?.children[index]?.querySelector("output");
      const trace = means.get(`${name}.mean`);
      if (output instanceof HTMLElement)
        show(output, trace === undefined ? null : readAt(trace), trace?.series.unit ?? null);
    });
  };
  useEffect(() => session.onMoment(write, pane), []);
  useLayoutEffect(write);
  return (
    <ul class="roi-list" ref={list} aria-label={`means of regions of ${id}`}>
      <li data-name={FRAME}>
        <i style={{ background: color(FRAME) }} />
        <span class="roi-name">whole frame</span>
        <output />
      </li>
      {names.map((name) => (
        <li
          key={name}
          data-name={name}
          aria-current={name === selected}
          onClick={() => rois.select(id, name)}
        >
          <i style={{ background: color(name) }} />
          <RoiName
            name={name}
            onSelect={() => rois.select(id, name)}
            onRename={(next) => rois.rename(id, name, next)}
          />
          <output />
          <button
            type="button"
            title="Delete (Del)"
            aria-label={`delete region ${name}`}
            onClick={(event) => {
              event.stopPropagation();
              rois.remove(id, name);
            }}
          >
            <Icon name="bin" />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface NameProps {
  name: string;
  onSelect: () => void;
  onRename: (name: string) => void;
}

function RoiName({ name, onSelect, onRename }: NameProps) {
  /** What was typed and not yet taken. */
  const draft = useSignal<string | null>(null);
  const commit = (): void => {
    const next = draft.value?.trim() ?? "";
    draft.value = null;
    if (next !== "") onRename(next);
  };
  return (
    <input
      class="roi-name"
      aria-label={`name of region ${name}`}
      title="Another name: type it, then Enter"
      value={draft.value ?? name}
      maxLength={64}
      spellcheck={false}
      autocomplete="off"
      onFocus={onSelect}
      onInput={({ currentTarget }) => (draft.value = currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key !== "Escape" || draft.value === null) return;
        draft.value = null;
        event.stopPropagation();
      }}
    />
  );
}
