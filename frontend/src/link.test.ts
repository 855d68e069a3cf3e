import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePage } from "./link.fixture";
import { link } from "./link";

let heard: unknown[];
const listener = {
  opened: () => heard.push("opened"),
  message: (data: unknown) => heard.push(data),
  failed: (reason: string) => heard.push({ failed: reason }),
};
beforeEach(() => void (heard = []));
afterEach(() => vi.unstubAllGlobals());

test.each([
  ["http:", "ws://runner:8000/ws/x"],
  ["https:", "wss://runner:8000/ws/x"],
])("a page of %s dials %s", (protocol, url) => {
  const page = fakePage(protocol);
  link("/ws/x", "it", listener, page.dial);
  expect(page.urls).toEqual([url]);
  expect(page.socket.binaryType).toBe("arraybuffer");
});

test("it sends while it is open, and says where it did not", () => {
  const page = fakePage();
  const made = link("/ws/x", "it", listener, page.dial);
  expect(made.send("early")).toBe(false);
  page.socket.open();
  expect(made.send("now")).toBe(true);
  made.close();
  expect(made.send("late")).toBe(false);
  expect([heard, page.socket.sent]).toEqual([["opened"], ["now"]]);
});

test("its end is told once, with the reason, and nothing after it", () => {
  const page = fakePage();
  link("/ws/x", "the connection", listener, page.dial);
  page.socket.close();
  page.socket.close();
  page.socket.say("more");
  expect(heard).toEqual([{ failed: "the connection ended" }]);
});

test("who ends it because of something hears of that, and who closes it of nothing", () => {
  const page = fakePage();
  const failed = link("/ws/x", "it", listener, page.dial);
  failed.fail("nonsense");
  failed.fail("again");
  expect(page.socket.readyState).toBe(3);
  const closed = link("/ws/x", "it", listener, page.dial);
  closed.close();
  page.socket.open();
  expect(heard).toEqual([{ failed: "nonsense" }]);
});
