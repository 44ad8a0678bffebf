/** What is the own of the page that tries a model, over the common design. */
export const tryStyle = `
.columns { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); gap: var(--space-4); align-items: start; margin-top: var(--space-4); }
@media (max-width: 760px) { .columns { grid-template-columns: minmax(0, 1fr); gap: 0; } }
.card { align-content: start; } h1 + .muted { margin-top: var(--space-1); }
.drop { display: grid; place-items: center; align-content: center; gap: var(--space-1); min-height: 150px; padding: var(--space-4); text-align: center; cursor: pointer;
  border: 2px dashed var(--border-strong); border-radius: var(--radius); }
.drop:hover, .drop.over { background: var(--hover); border-color: var(--accent); } .drop:focus-within { outline: 2px solid var(--focus); outline-offset: 2px; }
.drop .big { font-size: var(--text-l); font-weight: 600; }
.signature td, .signature th { padding-top: 3px; } .signature th { font-weight: 600; }
.answer { min-height: 240px; } .images { align-items: flex-end; } .image canvas { display: block; max-width: 100%; border: 1px solid var(--border-strong); border-radius: 3px; }
canvas.pixels { image-rendering: pixelated; } canvas.heat { background: var(--control); } .image figcaption { margin-top: var(--space-1); }
.bars { list-style: none; margin: var(--space-1) 0 0; padding: 0; display: grid; gap: var(--space-2); }
.bars li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px var(--space-3); } .bars .value { font-variant-numeric: tabular-nums; }
.bars .track { grid-column: 1 / -1; } .track { background: var(--hover); border-radius: 3px; overflow: hidden; min-height: 8px; }
.fill { display: block; height: 8px; border-radius: 3px; background: var(--line-0); } .bars li:first-child { font-weight: 600; }
.output { margin-top: var(--space-3); } .scale { width: 90px; height: 8px; border: 1px solid var(--border); background: linear-gradient(90deg, rgb(var(--heat) / 0), rgb(var(--heat))); }
.waterfall { width: 100%; table-layout: fixed; } .waterfall th { font-weight: 400; width: 40%; } .waterfall td.number { width: 80px; }
.waterfall td.track { background: none; padding: 5px 0; border-radius: 0; }
.code, .card > pre { background: var(--control); border: 1px solid var(--border); border-radius: var(--radius-s); padding: var(--space-2) var(--space-3); }
.history { list-style: none; margin: 0; padding: 0; display: grid; gap: 2px; grid-template-columns: minmax(0, 1fr); }
.entry { display: grid; grid-template-columns: auto minmax(0, 2fr) minmax(0, 2fr) auto; gap: var(--space-3); width: 100%; text-align: left; border-color: transparent; background: none; }
.entry[aria-pressed=true] { background: var(--hover); border-color: var(--border-strong); } .entry .what, .entry .result { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.entry .result { font-weight: 600; } .entry .bad { color: var(--bad); }
@media (max-width: 520px) { .entry { grid-template-columns: auto minmax(0, 1fr) auto; } .entry .result { grid-column: 2; grid-row: 2; } }
`;
