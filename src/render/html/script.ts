/**
 * The script of the page: decodes the columns, draws the lanes, tells the event under the pointer. It asks nothing of the
 * network, and puts no text into the page but as text.
 */
export const SCRIPT = String.raw`
"use strict";
(async () => {
  const $ = (id) => document.getElementById(id);
  const meta = JSON.parse($("meta").textContent);
  const canvas = $("lanes"), tip = $("tip"), paint = canvas.getContext("2d");
  const packed = atob($("columns").textContent.trim());
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) bytes[i] = packed.charCodeAt(i);
  const buffer = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const arrays = {}, kinds = { f64: Float64Array, u16: Uint16Array };
  let place = 0;
  for (const [name, kind, count] of meta.columns) {
    arrays[name] = new kinds[kind](buffer, place, count);
    place += Math.ceil((arrays[name].byteLength) / 8) * 8;
  }
  const byCpu = (cpus, count) => {
    const rows = new Map(meta.cpus.map((cpu) => [cpu, []]));
    for (let i = 0; i < count; i++) rows.get(cpus[i])?.push(i);
    return rows;
  };
  const events = byCpu(arrays.cpu, arrays.cpu.length);
  const spansOf = (prefix, names) => ({ rows: byCpu(arrays[prefix + "Cpu"], arrays[prefix + "Cpu"].length),
    from: arrays[prefix + "From"], to: arrays[prefix + "To"], what: arrays[prefix + "What"], names,
    colors: names.map((name) => name === "idle" ? null : "hsl(" + hue(name) + " 55% 45%)") });
  const hue = (text) => { let h = 7; for (const c of text) h = (h * 31 + c.codePointAt(0)) >>> 0; return h % 360; };
  const ran = spansOf("ran", meta.tasks), calls = spansOf("call", meta.calls), irqs = spansOf("irq", meta.irqKinds);
  const HEAD = 22, LANE = 70, LEFT = 62;
  let from = 0, to = meta.length, pointer = null;
  const clock = (t) => {
    const value = BigInt(meta.start) + BigInt(Math.round(t));
    if (!meta.nanoseconds) return String(value);
    const ns = value % 1000000000n;
    return value / 1000000000n + "." + String(ns).padStart(9, "0");
  };
  const span = (ns) => !meta.nanoseconds ? Math.round(ns) + " units" : ns >= 1e9 ? (ns / 1e9).toFixed(2) + " s"
    : ns >= 1e6 ? (ns / 1e6).toFixed(2) + " ms" : ns >= 1e3 ? (ns / 1e3).toFixed(2) + " us" : Math.round(ns) + " ns";
  const below = (rows, times, t) => {
    let low = 0, high = rows.length;
    while (low < high) { const mid = (low + high) >> 1; if (times[rows[mid]] < t) low = mid + 1; else high = mid; }
    return low;
  };
  const width = () => canvas.clientWidth - LEFT;
  const timeAt = (x) => from + ((x - LEFT) / width()) * (to - from);
  const xOf = (t) => LEFT + ((t - from) / (to - from)) * width();
  function draw() {
    const ratio = window.devicePixelRatio || 1, w = canvas.clientWidth, h = HEAD + LANE * meta.cpus.length;
    canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio); canvas.style.height = h + "px";
    paint.setTransform(ratio, 0, 0, ratio, 0, 0);
    const css = getComputedStyle(document.documentElement), color = (name) => css.getPropertyValue(name).trim();
    paint.fillStyle = color("--bg"); paint.fillRect(0, 0, w, h);
    paint.font = "11px ui-monospace, monospace"; paint.textBaseline = "middle";
    const ticks = Math.max(2, Math.floor(width() / 170));
    for (let i = 0; i <= ticks; i++) {
      const t = from + ((to - from) * i) / ticks, x = xOf(t);
      paint.fillStyle = color("--line"); paint.fillRect(x, HEAD - 4, 1, h);
      paint.fillStyle = color("--soft"); paint.textAlign = i === 0 ? "left" : i === ticks ? "right" : "center";
      paint.fillText(clock(t).slice(0, meta.nanoseconds ? -3 : undefined), x, 9);
    }
    paint.textAlign = "left";
    meta.cpus.forEach((cpu, row) => {
      const y = HEAD + row * LANE;
      paint.fillStyle = color("--fg"); paint.fillText("CPU " + cpu, 6, y + 18);
      strip(ran, cpu, y + 8, 18, color); strip(calls, cpu, y + 28, 14, color); interrupts(cpu, y + 44, color);
      density(events.get(cpu), y + 64, color);
    });
    if (pointer) { paint.fillStyle = color("--mark"); paint.fillRect(pointer.x, HEAD, 1, h); }
  }
  function strip({ rows: all, from: begins, to: ends, what, names, colors }, cpu, y, high, color) {
    const rows = all.get(cpu);
    for (let x = LEFT; x < LEFT + width();) {
      const t = timeAt(x + 0.5);
      const next = below(rows, begins, t) - 1;
      if (next < 0) { if (rows.length === 0) return; x = Math.max(x + 1, Math.floor(xOf(begins[rows[0]]))); continue; }
      const row = rows[next], end = Math.min(LEFT + width(), xOf(ends[row]));
      const last = Math.max(x + 1, Math.floor(end));
      if (ends[row] >= t) {
        const fill = colors[what[row]];
        paint.fillStyle = fill ?? color("--empty"); paint.fillRect(x, fill ? y : y + high / 2 - 1, last - x, fill ? high : 2);
        if (fill && last - x > 60) {
          paint.save(); paint.beginPath(); paint.rect(x, y, last - x - 4, high); paint.clip();
          paint.fillStyle = "#fff"; paint.fillText(names[what[row]], x + 4, y + high / 2 + 0.5); paint.restore();
        }
        x = last;
      } else x = rows[next + 1] === undefined ? LEFT + width() : Math.max(x + 1, Math.floor(xOf(begins[rows[next + 1]])));
    }
  }
  function interrupts(cpu, y, color) {
    paint.fillStyle = color("--dropped");
    let before = -1;
    for (const row of irqs.rows.get(cpu)) {
      if (irqs.from[row] > to) break;
      if (irqs.to[row] < from) continue;
      const x = Math.max(LEFT, xOf(irqs.from[row])), end = Math.min(LEFT + width(), xOf(irqs.to[row]));
      if (Math.max(end, x + 1) <= before) continue;
      paint.fillRect(x, y, Math.max(1, end - x), 6); before = Math.max(end, x + 1);
    }
  }
  function density(rows, y, color) {
    paint.fillStyle = color("--fg");
    let at = below(rows, arrays.time, from);
    const most = Math.max(1, rows.length / 400);
    for (let x = LEFT; x < LEFT + width(); x++) {
      const next = below(rows, arrays.time, timeAt(x + 1));
      if (next > at) { const high = 3 + Math.min(9, Math.round((9 * (next - at)) / most)); paint.fillRect(x, y - high, 1, high); }
      at = next;
    }
  }
  function nearest(x, y) {
    const cpu = meta.cpus[Math.floor((y - HEAD) / LANE)];
    if (cpu === undefined) return null;
    const rows = events.get(cpu), t = timeAt(x), at = below(rows, arrays.time, t);
    const best = [rows[at - 1], rows[at]].filter((row) => row !== undefined)
      .sort((a, b) => Math.abs(arrays.time[a] - t) - Math.abs(arrays.time[b] - t))[0];
    return best === undefined ? null : best;
  }
  const NESTED = 64;
  const within = ({ rows: all, from: begins, to: ends, what, names }, cpu, t) => {
    const rows = all.get(cpu), last = below(rows, begins, t + 0.5) - 1;
    for (let i = last; i >= Math.max(0, last - NESTED); i--) if (ends[rows[i]] >= t) return ", in " + names[what[rows[i]]];
    return "";
  };
  function tell() {
    const row = pointer && nearest(pointer.x, pointer.y);
    if (row === null || row === undefined) { tip.textContent = "\u00a0"; return; }
    tip.textContent = clock(arrays.time[row]) + "  CPU " + arrays.cpu[row] + "  " + meta.tasks[arrays.task[row]] + "  " +
      meta.types[arrays.type[row]] + "  @0x" + arrays.offset[row].toString(16) + "\n" + span(meta.length - arrays.time[row]) +
      " before the end" + [calls, irqs].map((spans) => within(spans, arrays.cpu[row], arrays.time[row])).join("") +
      "; the window is " + span(to - from);
    tip.style.whiteSpace = "pre-wrap";
  }
  let asked = false;
  const again = () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; draw(); tell(); }); } };
  const show = (a, b) => {
    const least = Math.min(meta.length, 100), length = Math.min(meta.length, Math.max(least, b - a));
    from = Math.max(0, Math.min(a, meta.length - length)); to = from + length; again();
  };
  const zoom = (factor, t) => show(t - (t - from) * factor, t + (to - t) * factor);
  canvas.addEventListener("wheel", (e) => { e.preventDefault(); zoom(e.deltaY > 0 ? 1.25 : 0.8, timeAt(e.offsetX)); }, { passive: false });
  let drag = null;
  canvas.addEventListener("pointerdown", (e) => { drag = { x: e.offsetX, from, to }; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointerup", () => { drag = null; });
  canvas.addEventListener("pointermove", (e) => {
    pointer = { x: e.offsetX, y: e.offsetY };
    if (drag) { const by = ((drag.x - e.offsetX) / width()) * (drag.to - drag.from); show(drag.from + by, drag.to + by); }
    again();
  });
  canvas.addEventListener("pointerleave", () => { pointer = null; again(); });
  canvas.addEventListener("keydown", (e) => {
    const mid = (from + to) / 2, step = (to - from) / 4;
    const act = { "+": () => zoom(0.5, mid), "-": () => zoom(2, mid), ArrowLeft: () => show(from - step, to - step),
      ArrowRight: () => show(from + step, to + step), Home: () => show(0, to - from), End: () => show(meta.length - (to - from), meta.length) }[e.key];
    if (act) { e.preventDefault(); act(); }
  });
  const press = (id, act) => $(id).addEventListener("click", act);
  press("in", () => zoom(0.5, (from + to) / 2)); press("out", () => zoom(2, (from + to) / 2));
  press("all", () => show(0, meta.length)); press("end", () => show(meta.length - Math.min(meta.length, meta.endWindow), meta.length));
  addEventListener("resize", again);
  const page = document.documentElement.dataset;
  addEventListener("beforeprint", () => { page.paper = ""; draw(); });
  addEventListener("afterprint", () => { delete page.paper; draw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  draw();
  page.drawn = String(arrays.time.length);
})();
`;
