/** Line icons, drawn here so that the page needs no font. */
const PATHS = {
  pause: "M6 4v8M10 4v8",
  play: "M5.5 3.5v9l7-4.5z",
  close: "M4 4l8 8M12 4l-8 8",
  expand: "M9.5 3H13v3.5M6.5 13H3V9.5M13 3L9 7M3 13l4-4",
  shrink: "M13 6.5H9.5V3M3 9.5h3.5V13M9.5 6.5L13 3M6.5 9.5L3 13",
  clock: "M8 4.5V8l2.2 1.6M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11",
  contrast: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 2.5v11M8 5.5h4.6M8 8h5.5M8 10.5h4.6",
  more: "M3.5 7.7a.3.3 0 1 0 0 .6a.3.3 0 1 0 0-.6M8 7.7a.3.3 0 1 0 0 .6a.3.3 0 1 0 0-.6M12.5 7.7a.3.3 0 1 0 0 .6a.3.3 0 1 0 0-.6",
  panes: "M2.5 3h11v10h-11zM8 3v10M8 8h5.5",
  locked: "M4 7.5h8V13H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  reset: "M4 5.5A5 5 0 1 1 3 8.6M3.4 2.6l.5 3.2l3.2-.4",
  show: "M1.8 8s2.3-4 6.2-4s6.2 4 6.2 4s-2.3 4-6.2 4S1.8 8 1.8 8M8 6.3a1.7 1.7 0 1 0 0 3.4a1.7 1.7 0 1 0 0-3.4",
  hide: "M1.8 8s2.3-4 6.2-4s6.2 4 6.2 4s-2.3 4-6.2 4S1.8 8 1.8 8M3 13L13 3",
  minus: "M4 8h8",
  plus: "M4 8h8M8 4v8",
  save: "M8 3v7M5 7.2L8 10l3-2.8M3.5 13h9",
  help: "M6.2 6.2a1.9 1.9 0 1 1 2.6 1.9c-.6.25-.8.6-.8 1.3M8 11.6v.2",
  region:
    "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6",
  pointer: "M4 2.5l8.5 5.2-3.7.9 2.2 4-1.6.9-2.2-4L4.6 12z",
  rectangle: "M2.5 4h11v8h-11z",
  ellipse: "M8 3.5c3.4 0 5.7 2 5.7 4.5s-2.3 4.5-5.7 4.5S2.3 10.5 2.3 8S4.6 3.5 8 3.5",
  polygon: "M3 5.5L8.5 2.5l5 4.5l-3 6.5l-6.5-1.5z",
  bin: "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
  upload: "M8 10.5V3M4.8 6L8 2.8L11.2 6M3 13h10",
  bell: "M4 11V7.5a4 4 0 0 1 8 0V11l1 1H3zM7 13.6h2",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
