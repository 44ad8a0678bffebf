import chartStyle from 'uplot/dist/uPlot.min.css';

/** What is the monitor's own, over the common design. */
export const monitorStyle = `${chartStyle}
.tools { margin: var(--space-3) 0 var(--space-4); }
.job header { gap: var(--space-1) var(--space-3); } .detail { font-size: var(--text-s); }
.advice { margin-top: var(--space-3); font-size: var(--text-s); justify-content: space-between; } .advice p { flex: 1 1 320px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr)); gap: var(--space-5) var(--space-5); margin-top: var(--space-4); }
.chart { min-width: 0; } figcaption { display: flex; justify-content: space-between; gap: var(--space-2); font-weight: 600; }
.moment { font-weight: 400; font-variant-numeric: tabular-nums; }
.keys { display: flex; flex-wrap: wrap; gap: 0 var(--space-3); font-size: var(--text-s); min-height: 2em; align-items: center; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.value { font-variant-numeric: tabular-nums; font-size: var(--text-m); } .key:only-child .value { font-size: var(--text-l); }
.u-hz .u-cursor-x { border-right: 1px dashed var(--fg); }
.swatch { width: 18px; border-top: 2px solid; } .swatch.line-0 { border-color: var(--line-0); }
.swatch.line-1 { border-color: var(--line-1); border-top-style: dashed; }
.swatch.line-2 { border-color: var(--line-2); border-top-style: dotted; }
.swatch.line-3 { height: 2px; border: 0; background: linear-gradient(90deg, var(--line-3) 0 10px, #0000 0 13px, var(--line-3) 0 15px, #0000 0 18px, var(--line-3) 0); }
.chart td, .chart th { text-align: right; white-space: nowrap; } .chart table { margin: var(--space-1) 0; }
.chart caption { white-space: normal; } .events { margin-top: var(--space-3); } .events ul { margin: var(--space-1) 0 0; padding: 0; list-style: none; }
.events li::before { display: inline-block; width: 1.4em; } .events .start::before { content: '▲'; color: var(--good); }
.events .stop::before { content: '■'; } .events .death::before { content: '✕'; color: var(--bad); }
.events .reload::before { content: '↻'; color: var(--good); } .events .refusal::before { content: '⊘'; color: var(--bad); }
`;
