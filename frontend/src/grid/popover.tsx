/** A button and what it opens: over everything else, beside the button, and gone when one looks elsewhere. */
import type { ComponentChildren, TargetedToggleEvent } from "preact";
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import "./menu.css";

interface Props {
  /** Of the page, like no other. */
  id: string;
  /** What the button does, for its tooltip. */
  title: string;
  label: string;
  /** Class of the button. */
  kind?: string;
  button: ComponentChildren;
  children: () => ComponentChildren;
}

/** To its button and to the edges of the window, CSS pixels. */
const GAP = 6;

export function Popover({ id, title, label, kind = "", button, children }: Props) {
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLElement>(null);
  const open = useSignal(false);
  useLayoutEffect(() => {
    const [from, to] = [opener.current, panel.current];
    if (!open.value || from === null || to === null) return;
    if (to.matches(":popover-open")) {
      place(to, from);
      return;
    }
    // It is filled just before it is shown, and has no size until then.
    const request = requestAnimationFrame(() => place(to, from));
    return () => cancelAnimationFrame(request);
  });
  return (
    <>
      <button
        ref={opener}
        type="button"
        class={kind}
        title={title}
        aria-label={label}
        aria-expanded={open.value}
        popovertarget={id}
      >
        {button}
      </button>
      <section
        ref={panel}
        id={id}
        class="menu"
        popover="auto"
        aria-label={label}
        onBeforeToggle={({ newState }: TargetedToggleEvent<HTMLElement>) =>
          (open.value = newState === "open")
        }
        onDblClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          // Closes this, and nothing else.
          if (event.key === "Escape") event.stopPropagation();
        }}
      >
        {open.value && children()}
      </section>
    </>
  );
}

/** Below the button or, where there is no room, above it; within the window. */
function place({ offsetWidth, offsetHeight, style }: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const below = at.bottom + GAP + offsetHeight <= innerHeight;
  const top = below ? at.bottom + GAP : at.top - GAP - offsetHeight;
  style.left = `${Math.max(GAP, Math.min(at.right - offsetWidth, innerWidth - GAP - offsetWidth))}px`;
  style.top = `${Math.max(GAP, Math.min(top, innerHeight - GAP - offsetHeight))}px`;
}
