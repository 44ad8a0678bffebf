import chartStyle from 'uplot/dist/uPlot.min.css';

/** What the monitor looks like; the variables may be set by the page around it. */
export const monitorStyle = `${chartStyle}
:root { color-scheme: light dark; --fg: CanvasText; --grid: #8884; --line-0: #2f7de1; --line-1: #c2410c; --line-2: #2c9a4b;
  --line-3: #9333ea; --bad: #b3261e; --good: #1a7f37; --card: color-mix(in srgb, CanvasText 6%, Canvas); }
body { font: 14px/1.4 system-ui, sans-serif; margin: 0 auto; padding: 16px; max-width: 1200px; color: var(--fg); }
h1 { font-size: 18px; } h2 { font-size: 15px; margin: 0; }
.job { background: var(--card); border-radius: 8px; padding: 12px 16px; margin: 12px 0; }
.job header { display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap; }
.state { font-size: 12px; padding: 0 8px; border-radius: 8px; color: #fff; background: #5a5a5a; }
.state.running { background: var(--good); } .state.failed, .state.full { background: var(--bad); }
.detail { font-size: 12px; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 16px; margin-top: 8px; }
.chart { margin: 0; min-width: 0; } figcaption { font-size: 13px; font-weight: 600; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 12px; font-size: 12px; min-height: 18px; }
.key { display: inline-flex; align-items: center; gap: 6px; }
.swatch { width: 20px; border-top: 2px solid; } .swatch.line-0 { border-color: var(--line-0); }
.swatch.line-1 { border-color: var(--line-1); border-top-style: dashed; }
.swatch.line-2 { border-color: var(--line-2); border-top-style: dotted; }
.swatch.line-3 { height: 2px; border: 0; background: linear-gradient(90deg, var(--line-3) 0 10px, #0000 0 13px, var(--line-3) 0 15px, #0000 0 18px, var(--line-3) 0); }
summary { cursor: pointer; font-size: 12px; }
table { border-collapse: collapse; font-size: 12px; margin: 4px 0; } th, td { padding: 1px 10px 1px 0; text-align: right; }
caption { text-align: left; }
`;
