import { rowHeight } from './virtualGrid.ts';

/** What is the own of the page of records, over the common design. */
export const recordsStyle = `
html, body { height: 100%; } body { max-width: none; padding-bottom: var(--space-3); }
main { display: flex; flex-direction: column; height: 100%; min-height: 420px; gap: var(--space-3); } #records { display: contents; }
.tools input[type=search] { flex: 1 1 200px; max-width: 360px; } .segments { flex-wrap: wrap; }
.count { font-variant-numeric: tabular-nums; }
.grid { flex: 1 1 auto; min-height: 200px; overflow: auto; border: 1px solid var(--border-strong); border-radius: var(--radius-s); font-size: var(--text-s); overflow-wrap: normal; }
.grid:focus-visible { outline-offset: -2px; }
.gridhead { position: sticky; top: 0; z-index: 1; min-width: 760px; background: var(--surface); border-bottom: 1px solid var(--border-strong); }
.gridbody { position: relative; min-width: 760px; }
.gridrow { display: grid; grid-template-columns: 34px minmax(150px, 3fr) 92px 164px minmax(150px, 3fr) minmax(180px, 4fr); height: ${rowHeight}px; align-items: center; }
.gridbody .gridrow { position: absolute; left: 0; right: 0; top: 0; cursor: pointer; border-bottom: 1px solid var(--border); }
.gridbody .gridrow:hover { background: var(--hover); } .gridrow[aria-selected=true] { background: var(--hover); }
.grid:focus .gridrow.active { outline: 2px solid var(--focus); outline-offset: -2px; }
.cell { padding: 0 var(--space-2); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; min-width: 0; } .head .cell { font-weight: 600; }
.cell.check { padding: 0; display: grid; place-items: center; height: 100%; } .gridbody .col-name { font-family: var(--mono); } .col-at { font-variant-numeric: tabular-nums; }
.mark { width: 15px; height: 15px; border: 1px solid var(--border-strong); border-radius: 3px; display: grid; place-items: center; line-height: 1; }
.gridrow[aria-selected=true] .mark { background: var(--accent); border-color: var(--accent-border); color: var(--accent-fg); } .gridrow[aria-selected=true] .mark::before { content: '✓'; }
button.sort { border: 0; background: none; padding: 0; min-height: 24px; font-weight: 600; } button.sort::after { content: ' ↕'; opacity: 0.7; }
[aria-sort=ascending] button.sort::after { content: ' ↑'; opacity: 1; } [aria-sort=descending] button.sort::after { content: ' ↓'; opacity: 1; }
.state.dead::before { background: var(--bad); border-radius: 2px; } .state.pending::before { background: var(--warn); }
.preview { display: flex; align-items: center; gap: var(--space-2); min-width: 0; } .preview img { height: 26px; max-width: 60px; image-rendering: pixelated; } .preview .line { overflow: hidden; text-overflow: ellipsis; }
.status { min-height: 1.5em; } .chosen { min-height: 30px; }
`;
