/** The design of every page: spacing, sizes of type, colours, and the parts that pages are made of. Colours are roles, and
 *  each host says what they are: a browser by `browserTheme`, the editor by `editorTheme`. */
export const design = `
:root {
  --space-1: 4px; --space-2: 8px; --space-3: 12px; --space-4: 16px; --space-5: 24px; --space-6: 32px;
  --text-s: 0.857rem; --text-m: 1rem; --text-l: 1.214rem; --text-xl: 1.57rem; --radius: 8px; --radius-s: 5px;
}
*, *::before, *::after { box-sizing: border-box; }
html { background: var(--bg); color: var(--fg); }
body { margin: 0 auto; padding: 0 var(--space-4) var(--space-6); max-width: 1240px; line-height: 1.45; color: var(--fg);
  background: var(--bg); overflow-wrap: anywhere; }
h1, h2, h3, p, figure, dl, dd { margin: 0; }
h1 { font-size: var(--text-xl); font-weight: 600; letter-spacing: -0.01em; }
h2 { font-size: var(--text-l); font-weight: 600; } h3 { font-size: var(--text-m); font-weight: 600; }
a { color: var(--accent-text); } code, pre, textarea { font-family: var(--mono); font-size: var(--text-s); }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
[hidden] { display: none !important; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-4); padding: var(--space-3) 0;
  margin-bottom: var(--space-4); border-bottom: 1px solid var(--border); }
.bar .brand { font-weight: 600; } .bar nav { display: flex; gap: var(--space-1); flex-wrap: wrap; }
.bar nav a { padding: var(--space-1) var(--space-3); border-radius: var(--radius-s); color: var(--fg); text-decoration: none; }
.bar nav a:hover { background: var(--hover); }
.bar nav a[aria-current] { background: var(--hover); font-weight: 600; box-shadow: inset 0 -2px 0 var(--accent); }
.card { background: var(--surface); border: 1px solid var(--border); border-radius: var(--radius);
  padding: var(--space-4); margin: 0 0 var(--space-4); min-width: 0; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-3); }
.spread { justify-content: space-between; }
.stack { display: grid; gap: var(--space-3); min-width: 0; grid-template-columns: minmax(0, 1fr); }
.muted { color: var(--muted); } .small { font-size: var(--text-s); } .mono { font-family: var(--mono); font-size: var(--text-s); }
button, select, input, textarea { font: inherit; color: inherit; }
button, .button { border: 1px solid var(--border-strong); border-radius: var(--radius-s); background: var(--control); color: var(--fg);
  padding: var(--space-1) var(--space-3); min-height: 30px; cursor: pointer; }
button:hover:not(:disabled) { background: var(--hover); }
button:disabled { cursor: default; opacity: 0.55; }
button.primary { background: var(--accent); border-color: var(--accent-border); color: var(--accent-fg); font-weight: 600; }
button.primary:hover:not(:disabled) { background: var(--accent-hover); }
button.link { border: 0; background: none; color: var(--accent-text); text-decoration: underline; padding: 0; min-height: 24px; }
textarea, select, input[type=text], input[type=search], input[type=password] { background: var(--control); border: 1px solid var(--border-strong);
  border-radius: var(--radius-s); padding: var(--space-1) var(--space-2); min-height: 30px; max-width: 100%; }
textarea { font-family: var(--mono); font-size: var(--text-s); width: 100%; min-height: 130px; resize: vertical; display: block; }
input[type=range], input[type=checkbox] { accent-color: var(--accent); margin: 0; }
label { display: inline-flex; align-items: center; gap: var(--space-2); }
.segments { display: inline-flex; border: 1px solid var(--border-strong); border-radius: var(--radius-s); overflow: hidden; }
.segments button { border: 0; border-radius: 0; background: var(--control); } .segments button + button { border-left: 1px solid var(--border-strong); }
.segments button[aria-pressed=true], .segments button[aria-selected=true], .chip[aria-pressed=true] { background: var(--accent);
  color: var(--accent-fg); }
.segments button:focus-visible { outline-offset: -3px; outline-color: currentColor; }
.chip { border-radius: 999px; }
.state { display: inline-flex; align-items: center; gap: 6px; font-size: var(--text-s); }
.state::before { content: ''; width: 9px; height: 9px; border-radius: 50%; background: var(--muted); forced-color-adjust: none; }
.state.running::before { background: var(--good); } .state.failed::before, .state.full::before { background: var(--bad); border-radius: 2px; }
.state.starting::before, .state.stopping::before, .state.waiting-for-secret::before { background: var(--warn); }
.notice { border-left: 3px solid var(--accent); background: var(--hover); padding: var(--space-2) var(--space-3); border-radius: var(--radius-s); }
.notice.bad { border-color: var(--bad); } .notice.warn { border-color: var(--warn); }
.notice:empty { display: none; }
table { border-collapse: collapse; font-size: var(--text-s); } th { font-weight: 600; text-align: left; }
th, td { padding: 2px var(--space-3) 2px 0; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
caption { text-align: left; } summary { cursor: pointer; font-size: var(--text-s); }
.scroll { overflow: auto; max-width: 100%; max-height: 380px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

/** A browser's own colours: light, dark, with more contrast, and where the system forces its colours. */
export const browserTheme = `
:root { color-scheme: light dark; font: 14px/1.45 system-ui, -apple-system, 'Segoe UI', sans-serif; --mono: ui-monospace, 'SF Mono', Menlo, Consolas, monospace;
  --bg: #f6f7f9; --surface: #fff; --control: #fff; --hover: #eceff3; --border: #dde1e7; --border-strong: #8a93a0;
  --fg: #1c2128; --muted: #57606c; --accent: #0f62c4; --accent-hover: #0b4fa0; --accent-border: #0f62c4; --accent-fg: #fff; --accent-text: #0b5cbd;
  --focus: #0f62c4; --good: #1a7f37; --bad: #b3261e; --warn: #9a6700; --grid: #8b949e40;
  --line-0: #1f6fd6; --line-1: #c2410c; --line-2: #1f8a43; --line-3: #9333ea; --heat: 31 111 214; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #111418; --surface: #191d23; --control: #14181d; --hover: #252b33; --border: #2c333c; --border-strong: #6e7885;
  --fg: #e6e9ee; --muted: #a3acb8; --accent: #2f7de1; --accent-hover: #4890ef; --accent-border: #2f7de1; --accent-fg: #04101f; --accent-text: #7db4ff;
  --focus: #7db4ff; --good: #3fb950; --bad: #ff7b72; --warn: #d6a12b;
  --line-0: #5aa2ff; --line-1: #ff9b5e; --line-2: #56c872; --line-3: #c08bff; --heat: 90 162 255; } }
@media (prefers-contrast: more) { :root {
  --bg: #fff; --surface: #fff; --control: #fff; --hover: #e6e6e6; --border: #000; --border-strong: #000; --fg: #000; --muted: #000; --accent: #003a8c;
  --accent-border: #000; --accent-text: #003a8c; --focus: #c2410c; --bad: #8c1008; --good: #0b5a22; --warn: #6b4700; --grid: #0006; } }
@media (prefers-contrast: more) and (prefers-color-scheme: dark) { :root {
  --bg: #000; --surface: #000; --control: #000; --hover: #2b2b2b; --border: #fff; --border-strong: #fff; --fg: #fff; --muted: #fff; --accent: #6fb1ff;
  --accent-fg: #000; --accent-border: #fff; --accent-text: #8cc4ff; --focus: #ffd33d; --bad: #ff8f87; --good: #5fe07c; --warn: #ffd33d; --grid: #fff6; } }
@media (forced-colors: active) { :root {
  --bg: Canvas; --surface: Canvas; --control: Canvas; --hover: Canvas; --border: CanvasText; --border-strong: CanvasText; --fg: CanvasText; --muted: CanvasText;
  --accent: Highlight; --accent-fg: HighlightText; --accent-border: Highlight; --accent-text: LinkText; --focus: Highlight; --grid: GrayText; }
  .segments button[aria-pressed=true], .chip[aria-pressed=true], button.primary, .fill, canvas { forced-color-adjust: none; } }
`;

/** The editor's theme. In its themes of high contrast, borders take the place of backgrounds. */
export const editorTheme = `
html { font: var(--vscode-font-size)/1.45 var(--vscode-font-family); }
:root { --mono: var(--vscode-editor-font-family); --bg: var(--vscode-editor-background);
  --surface: var(--vscode-editorWidget-background, var(--vscode-editor-background)); --control: var(--vscode-input-background, var(--vscode-editor-background));
  --hover: var(--vscode-toolbar-hoverBackground, var(--vscode-editor-background)); --fg: var(--vscode-foreground); --muted: var(--vscode-foreground);
  --border: var(--vscode-contrastBorder, var(--vscode-widget-border, transparent));
  --border-strong: var(--vscode-contrastBorder, var(--vscode-input-border, var(--vscode-foreground)));
  --accent: var(--vscode-button-background); --accent-hover: var(--vscode-button-hoverBackground, var(--vscode-button-background));
  --accent-fg: var(--vscode-button-foreground); --accent-border: var(--vscode-contrastBorder, var(--vscode-button-background));
  --accent-text: var(--vscode-textLink-foreground); --focus: var(--vscode-focusBorder); --good: var(--vscode-testing-iconPassed);
  --bad: var(--vscode-errorForeground); --warn: var(--vscode-charts-yellow); --grid: #8884;
  --line-0: var(--vscode-charts-blue); --line-1: var(--vscode-charts-yellow); --line-2: var(--vscode-charts-green);
  --line-3: var(--vscode-charts-purple); --heat: 55 148 255; }
body { padding-top: var(--space-4); }
body.vscode-high-contrast button[aria-pressed=true] { outline: 2px solid var(--focus); outline-offset: -3px; }
`;
