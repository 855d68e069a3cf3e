/** How a picture is looked at, beside it: histogram, window, curve and colours, for all who look at the stream. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { FrameStream } from "../metrics/message";
import { Icon } from "../panes/icon";
import * as format from "../format";
import { AutoSettings } from "./auto-settings";
import { COLORMAPS, strip } from "./colormaps";
import type { Control, Refusal } from "./control";
import { fromSlider, GAMMA_SLIDER, toSlider } from "./gamma";
import type { Histogram } from "./histogram";
import { HistogramView } from "./histogram-view";
import { NumberField } from "./number-field";
import { fixed, limitsOf, type Limits, type Patch } from "./settings";
import { useHistogram } from "./use-display";
import { useFloat } from "./use-float";

interface Props {
  control: Control;
  /** Whether it is this pane's alone, and not shared by all who look at the stream. */
  own: boolean;
  stream: FrameStream;
  /** Names of its regions of interest. */
  rois: readonly string[];
  /** The element of the pane. */
  pane: RefObject<HTMLElement | null>;
  onClose: () => void;
}

const SCALES = ["linear", "log"] as const;

export function DisplayPanel({ control, own, stream, rois, pane, onClose }: Props) {
  const { id } = stream;
  const panel = useRef<HTMLElement>(null);
  const seen = useSeen(pane);
  const counted = useHistogram(id, seen.value).value;
  const scale = useSignal<(typeof SCALES)[number]>("log");
  /** What was typed and could not even be sent. */
  const complaint = useSignal<string | null>(null);
  const display = control.display.value;
  const refusal = control.refusal.value;
  const limits = limitsOf(display);
  const { mode } = display.window;
  const [, , channels = 1] = stream.format?.shape ?? [];
  const coloured = channels >= 3 ? "RGB has colours of its own" : null;
  const about = (...keys: Refusal["about"]) =>
    refusal !== null && refusal.about.some((key) => keys.includes(key)) ? refusal.text : null;
  const windowError = complaint.value ?? about("window", "auto");
  const otherError = windowError === null ? (refusal?.text ?? null) : null;
  const note = `display-note-${id}`;
  const unit = stream.format?.unit ?? null;
  const change = (patch: Patch): void => {
    complaint.value = null;
    control.change(patch);
  };
  const fix = (next: Limits) => change({ window: fixed(display.window, next) });
  const complain = (text: string) => (complaint.value = text);

  useFloat(pane, panel);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  return (
    <section
      ref={panel}
      class="display-panel"
      popover="manual"
      role="dialog"
      aria-label={`display of ${id}`}
      tabIndex={-1}
      hidden={!seen.value}
      data-id={id}
      data-mode={mode}
      data-own={String(own)}
      data-min={limits === null ? "" : String(limits[0])}
      data-max={limits === null ? "" : String(limits[1])}
      onDblClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h3>Display</h3>
        <span class="display-of">{own ? `${id} · this picture alone` : id}</span>
        <button type="button" title="Close (Esc)" aria-label="close display" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <HistogramView
        id={id}
        histogram={counted.histogram}
        scale={scale.value}
        settings={coloured === null ? display : { ...display, colormap: "gray" }}
        limits={limits}
        whole={!(stream.format?.dtype ?? "").startsWith("float")}
        unit={unit}
        onWindow={fix}
      />
      <div class="display-row">
        <span class="display-counted">{counted.trouble ?? outside(counted.histogram)}</span>
        <div class="segmented" role="group" aria-label="scale of counts">
          {SCALES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={scale.value === one}
              onClick={() => (scale.value = one)}
            >
              {one}
            </button>
          ))}
        </div>
      </div>
      <div class="display-row">
        <NumberField
          label="min"
          value={limits?.[0] ?? null}
          invalid={windowError !== null}
          describedBy={note}
          onComplaint={complain}
          onCommit={(min) => fix([min, limits?.[1] ?? min])}
        />
        <NumberField
          label="max"
          value={limits?.[1] ?? null}
          invalid={windowError !== null}
          describedBy={note}
          onComplaint={complain}
          onCommit={(max) => fix([limits?.[0] ?? max, max])}
        />
        {unit !== null && <span class="display-unit">{unit}</span>}
      </div>
      <p class="display-error" id={note} role="alert">
        {windowError}
      </p>
      <div class="display-row buttons-row">
        <button
          type="button"
          title="Once: a window from the values of the newest frame"
          onClick={() => {
            complaint.value = null;
            control.auto("once");
          }}
        >
          Auto
        </button>
        <button
          type="button"
          title="A window that follows the values, smoothly"
          aria-pressed={mode === "auto"}
          onClick={() => (mode === "auto" ? control.hold() : control.auto("continuous"))}
        >
          Auto continuous
        </button>
        <button
          type="button"
          title="All that the values' type can hold"
          aria-pressed={mode === "full"}
          onClick={() => change({ window: { ...display.window, mode: "full" } })}
        >
          Full range
        </button>
        <button type="button" title="As it was before any change (R)" onClick={() => control.reset()}>
          Reset
        </button>
      </div>
      <AutoSettings
        window={display.window}
        rois={rois}
        note={note}
        onComplaint={complain}
        onChange={(window) => change({ window })}
      />
      <label class="display-row">
        <span class="display-label">gamma</span>
        <input
          type="range"
          {...GAMMA_SLIDER}
          value={toSlider(display.gamma)}
          aria-label="gamma"
          aria-valuetext={String(display.gamma)}
          title="Below 1 brightens what is dark; double click for 1"
          onInput={({ currentTarget }) => change({ gamma: fromSlider(currentTarget.valueAsNumber) })}
          onDblClick={() => change({ gamma: 1 })}
        />
        <output>{Number(display.gamma.toPrecision(3))}</output>
      </label>
      <label class="display-row" title={coloured ?? ""}>
        <span class="display-label">colormap</span>
        <select
          aria-label="colormap"
          value={display.colormap}
          disabled={coloured !== null}
          onChange={({ currentTarget }) => change({ colormap: currentTarget.value })}
        >
          {(COLORMAPS.includes(display.colormap) ? COLORMAPS : [display.colormap, ...COLORMAPS]).map(
            (name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ),
          )}
        </select>
        <i
          class="display-swatch"
          style={{
            backgroundImage: strip({
              colormap: coloured === null ? display.colormap : "gray",
              gamma: 1,
              invert: display.invert,
            }),
          }}
        />
      </label>
      <div class="display-row">
        <label class="check">
          <input
            type="checkbox"
            checked={display.invert}
            onChange={({ currentTarget }) => change({ invert: currentTarget.checked })}
          />
          invert
        </label>
        <label class="check" title={coloured ?? "Saturated values red, zeros blue"}>
          <input
            type="checkbox"
            checked={display.highlight}
            disabled={coloured !== null}
            onChange={({ currentTarget }) => change({ highlight: currentTarget.checked })}
          />
          highlight saturation
        </label>
      </div>
      {coloured !== null && <p class="display-why">{coloured}: no colormap, no highlight.</p>}
      {otherError !== null && (
        <p class="display-error" role="alert">
          {otherError}
        </p>
      )}
    </section>
  );
}

/** Whether any of the pane is on the screen. */
function useSeen(pane: RefObject<HTMLElement | null>) {
  const seen = useSignal(true);
  useEffect(() => {
    if (pane.current === null) return;
    const observer = new IntersectionObserver((records) => {
      seen.value = records.at(-1)?.isIntersecting ?? true;
    });
    observer.observe(pane.current);
    return () => observer.disconnect();
  }, []);
  return seen;
}

/** Which frame was counted, and what of it is on no bar. */
function outside(histogram: Histogram | null): string {
  if (histogram === null) return "…";
  const { seq, below, above, nan } = histogram;
  const parts = [
    [below, "below"],
    [above, "above"],
    [nan, "NaN"],
  ] as const;
  return [
    ...(seq === null ? [] : [`#${seq}`]),
    ...parts.flatMap(([count, what]) => (count > 0 ? [`${format.count(count)} ${what}`] : [])),
  ].join(" · ");
}
