/**
 * Draws pixels by WebGL 2. One context serves all panes of the page, for browsers give out few: a frame is drawn, and then
 * copied onto the canvas that shows it.
 */
import type { Look } from "./look";
import type { Painter } from "./painter";
import type { Pixels } from "./pixels";
import { lookupOf, perUnit, placesOf, singleAbove, singleBelow, tableOf } from "./table";

const VERTICES = `#version 300 es
// One triangle that covers everything.
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

const FRAGMENTS = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
precision highp sampler2D;
// Elements one after the other, in rows that have nothing to do with those of the frame; colours by index.
uniform usampler2D elements;
uniform sampler2D colours;
uniform int shift;
uniform ivec2 size;
uniform int channels;
// Only of floats: of other types the elements are the indices.
uniform bool floats;
uniform float black, scale;
uniform bool marked;
uniform float zero, saturated;
out vec4 colour;

uint element(int i) {
  return texelFetch(elements, ivec2(i & ((1 << shift) - 1), i >> shift), 0).r;
}

// As placesOf() in table.ts. A comparison of NaN is not to be relied on here, so its bits tell.
int place(uint bits) {
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 1;
  float value = uintBitsToFloat(bits);
  if (marked && value >= saturated) return 65535;
  if (marked && value <= zero) return 0;
  float from = (value - black) * scale;
  return from > 0.0 ? int(roundEven(min(from, 65280.0))) + 1 : 1;
}

vec4 shown(int i) {
  uint bits = element(i);
  int index = floats ? place(bits) : int(bits);
  return texelFetch(colours, ivec2(index & 255, index >> 8), 0);
}

void main() {
  int first = ((size.y - 1 - int(gl_FragCoord.y)) * size.x + int(gl_FragCoord.x)) * channels;
  colour = channels == 1 ? shown(first) : vec4(shown(first).r, shown(first + 1).r, shown(first + 2).r, 1.0);
}`;

const UNIFORMS = [
  ...(["elements", "colours", "shift", "size", "channels", "floats", "black", "scale"] as const),
  ...(["marked", "zero", "saturated"] as const),
] as const;

/** What colours a frame: remembered by who draws many frames with one look. */
export interface Colours {
  look: Look;
  /** What the table is of. */
  of: string;
  table: Uint8Array<ArrayBuffer>;
}

/** The colours for these pixels; those of before where they are the same. */
export function coloursOf(pixels: Pixels, look: Look, before: Colours | null): Colours {
  const wide = lookupOf(pixels.dtype, look.window) !== "bits";
  // A window for places is none of the table's business, nor are the values that are highlighted.
  const key = wide ? { ...look, window: null, highlight: look.highlight !== null } : look;
  const of = JSON.stringify([pixels.dtype, key]);
  if (before !== null && before.of === of) return { ...before, look };
  return { look, of, table: tableOf(look, pixels.dtype) };
}

interface Texture {
  texture: WebGLTexture;
  rows: number;
}

export class Renderer implements Painter {
  private static shared: Renderer | null = null;
  private readonly canvas = document.createElement("canvas");
  private readonly gl: WebGL2RenderingContext;
  private readonly at: Readonly<Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>>;
  /** By bytes of an element. */
  private readonly textures = new Map<number, Texture>();
  private readonly losses = new Set<(reason: string) => void>();
  private readonly shift: number;
  private table: Uint8Array | null = null;

  /** The page's one; throws with a reason where there can be none. */
  static get(): Renderer {
    Renderer.shared ??= new Renderer();
    return Renderer.shared;
  }

  private constructor() {
    const gl = this.canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false });
    if (gl === null) throw new Error("this browser gives no WebGL 2");
    this.gl = gl;
    this.canvas.addEventListener("webglcontextlost", () => this.lost());
    const program = compile(gl);
    gl.useProgram(program);
    const entries = UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)] as const);
    this.at = Object.fromEntries(entries) as Renderer["at"];
    this.shift = Math.floor(Math.log2(Math.min(4096, this.largest)));
    gl.uniform1i(this.at.shift, this.shift);
    gl.uniform1i(this.at.elements, 0);
    gl.uniform1i(this.at.colours, 1);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.activeTexture(gl.TEXTURE1);
    create(gl);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, 256, 256);
  }

  /** Whether there is no graphics processor behind it; false where the browser does not say. */
  get emulated(): boolean {
    const info = this.gl.getExtension("WEBGL_debug_renderer_info");
    const name: unknown = info === null ? "" : this.gl.getParameter(info.UNMASKED_RENDERER_WEBGL);
    return /swiftshader|llvmpipe|softpipe|basic render/i.test(String(name));
  }

  get largest(): number {
    const { gl } = this;
    const [wide = 0, high = 0] = gl.getParameter(gl.MAX_VIEWPORT_DIMS) as Int32Array;
    return Math.min(wide, high, gl.getParameter(gl.MAX_TEXTURE_SIZE) as number);
  }

  onLoss(listener: (reason: string) => void): () => void {
    this.losses.add(listener);
    return () => this.losses.delete(listener);
  }

  draw(target: CanvasRenderingContext2D, pixels: Pixels, { look, table }: Colours): void {
    const { gl, at, canvas } = this;
    const { width, height, dtype } = pixels;
    this.findOut();
    const lookup = lookupOf(dtype, look.window);
    if (canvas.width < width || canvas.height < height) {
      canvas.width = Math.max(canvas.width, width);
      canvas.height = Math.max(canvas.height, height);
    }
    if (gl.drawingBufferWidth < width || gl.drawingBufferHeight < height) {
      throw new Error(`this browser draws no picture of ${width} x ${height} pixels`);
    }
    this.upload(lookup === "place" ? placesOf(pixels.data, look, false) : pixels.data);
    if (this.table !== table) {
      this.table = table;
      gl.activeTexture(gl.TEXTURE1);
      const rows = table.length / 1024;
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 256, rows, gl.RGBA, gl.UNSIGNED_BYTE, table);
    }
    gl.uniform2i(at.size, width, height);
    gl.uniform1i(at.channels, pixels.channels);
    gl.uniform1i(at.floats, Number(lookup === "float"));
    gl.uniform1f(at.black, look.window.black);
    gl.uniform1f(at.scale, perUnit(look.window));
    gl.uniform1i(at.marked, Number(look.highlight !== null));
    gl.uniform1f(at.zero, singleBelow(look.highlight?.zero ?? 0));
    gl.uniform1f(at.saturated, singleAbove(look.highlight?.saturated ?? 1));
    gl.viewport(0, 0, width, height);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    this.findOut();
    // What is drawn stands at the lower left.
    target.drawImage(canvas, 0, canvas.height - height, width, height, 0, 0, width, height);
  }

  private upload(data: Pixels["data"]): void {
    const { gl, shift } = this;
    const { internal, type, unsigned } = taken(gl, data);
    const columns = 1 << shift;
    const [full, rest] = [data.length >> shift, data.length & (columns - 1)];
    const rows = full + Number(rest > 0);
    gl.activeTexture(gl.TEXTURE0);
    let texture = this.textures.get(data.BYTES_PER_ELEMENT);
    if (texture !== undefined) gl.bindTexture(gl.TEXTURE_2D, texture.texture);
    if (texture === undefined || texture.rows < rows) {
      if (texture !== undefined) gl.deleteTexture(texture.texture);
      texture = { texture: create(gl), rows };
      this.textures.set(data.BYTES_PER_ELEMENT, texture);
      gl.texStorage2D(gl.TEXTURE_2D, 1, internal, columns, rows);
    }
    const put = (row: number, wide: number, high: number) =>
      gl.texSubImage2D(
        ...([gl.TEXTURE_2D, 0, 0, row, wide, high, gl.RED_INTEGER, type] as const),
        unsigned.subarray(row * columns),
      );
    if (full > 0) put(0, columns, full);
    if (rest > 0) put(full, rest, 1);
  }

  /** The browser may say so only later; everything is 0 then, sizes too. */
  private findOut(): void {
    if (!this.gl.isContextLost()) return;
    this.lost();
    throw new Error(LOST);
  }

  private lost(): void {
    if (Renderer.shared === this) Renderer.shared = null;
    const losses = [...this.losses];
    this.losses.clear();
    for (const listener of losses) listener(LOST);
  }
}

const LOST = "the graphics processor was lost";

/** Texture format of elements, and the elements as that takes them: the bits stay. */
function taken(
  gl: WebGL2RenderingContext,
  { buffer, byteOffset, length, BYTES_PER_ELEMENT }: Pixels["data"],
) {
  switch (BYTES_PER_ELEMENT) {
    case 1:
      return {
        ...{ internal: gl.R8UI, type: gl.UNSIGNED_BYTE },
        unsigned: new Uint8Array(buffer, byteOffset, length),
      };
    case 2:
      return {
        ...{ internal: gl.R16UI, type: gl.UNSIGNED_SHORT },
        unsigned: new Uint16Array(buffer, byteOffset, length),
      };
    default:
      return {
        ...{ internal: gl.R32UI, type: gl.UNSIGNED_INT },
        unsigned: new Uint32Array(buffer, byteOffset, length),
      };
  }
}

/** A texture, bound, of which single texels are read. */
function create(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
  }
  return texture;
}

function compile(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTICES],
    [gl.FRAGMENT_SHADER, FRAGMENTS],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) throw new Error(LOST);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
    throw new Error(
      `this browser's WebGL refuses to draw: ${gl.getProgramInfoLog(program) ?? "no reason given"}`,
    );
  }
  return program;
}
