/**
 * The looks of the widgets, in a layer of their own: any rule of the page wins over them. Colours and distances are custom properties with
 * the prefix `--sf-`, for light and dark.
 */
export const WIDGET_STYLE: string = `
@layer sheetflow {
  :root {
    color-scheme: light dark;
    --sf-text: light-dark(#1c2330, #e7eaf0);
    --sf-muted: light-dark(#667085, #97a1b3);
    --sf-line: light-dark(#e4e8ee, #2a3140);
    --sf-surface: light-dark(#ffffff, #171c26);
    --sf-accent: light-dark(#2f6fed, #7aa5ff);
    --sf-accent-text: light-dark(#ffffff, #0d1420);
    --sf-good: light-dark(#12805c, #4fd1a1);
    --sf-bad: light-dark(#c0362c, #ff8a80);
    --sf-warn: light-dark(#a15c00, #ffc266);
    --sf-enter: light-dark(#d3f5e3, #17493a);
    --sf-change: light-dark(#fff0c2, #524315);
    --sf-leave: light-dark(#fbdedb, #552824);
    --sf-focus: light-dark(#2f6fed, #8db2ff);
    --sf-radius: 8px;
  }
  sf-page, sf-table, sf-list, sf-diagnostics { display: block; }
  sf-column, sf-list:not([empty]) > .sf-empty { display: none; }
  sf-table table { border-collapse: collapse; inline-size: 100%; font: inherit; color: var(--sf-text); }
  sf-table th {
    text-align: start; font-weight: 600; font-size: .8em; color: var(--sf-muted);
    padding: .5rem .75rem; border-block-end: 1px solid var(--sf-line); white-space: nowrap;
  }
  sf-table td { padding: .5rem .75rem; border-block-end: 1px solid var(--sf-line); vertical-align: middle; }
  sf-table [data-number] { text-align: end; font-variant-numeric: tabular-nums; }
  sf-table tbody tr { outline-offset: -2px; }
  sf-table tbody tr:hover { background: color-mix(in srgb, var(--sf-text) 4%, transparent); }
  :is(sf-table, sf-list, sf-button, sf-diagnostics) :focus-visible { outline: 2px solid var(--sf-focus); }
  [data-sf-kind="number"] { font-variant-numeric: tabular-nums; }
  [data-sf-kind="error"] { color: var(--sf-bad); font-family: ui-monospace, monospace; font-size: .9em; }
  [data-pending] { opacity: .75; }
  [data-leaving] { opacity: .5; }
  :is(sf-table, sf-list, sf-value):is([data-state="stale"], [data-state="offline"]) { opacity: .7; }
  .sf-note, .sf-empty { color: var(--sf-muted); padding: .75em; margin: 0; }
  .sf-said { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  sf-value[aria-busy]:empty::before { content: "–"; opacity: .45; animation: sf-pulse 1.2s ease-in-out infinite; }
  sf-button { display: inline-flex; align-items: center; gap: .5em; }
  sf-button > button {
    font: inherit; font-weight: 600; font-size: .875em; line-height: 1.2; cursor: pointer; min-block-size: 2.25em;
    padding: .35em .9em; border-radius: var(--sf-radius); border: 1px solid transparent;
    background: var(--sf-accent); color: var(--sf-accent-text); transition: filter .15s;
  }
  sf-button > button:hover { filter: brightness(1.08); }
  sf-button[data-state="pending"] > button { cursor: progress; background: transparent; color: var(--sf-muted); border-color: var(--sf-line); }
  sf-button[data-state="pending"] > button::before {
    content: ""; display: inline-block; inline-size: .8em; block-size: .8em; margin-inline-end: .5em; vertical-align: -.05em;
    border: 2px solid currentColor; border-inline-end-color: transparent; border-radius: 50%; animation: sf-turn .8s linear infinite;
  }
  sf-button[data-state="confirmed"] > button { background: transparent; color: var(--sf-good); border-color: currentColor; }
  sf-button[data-state="confirmed"] > button::before { content: "✓ "; }
  sf-button[data-state="failed"] > .sf-button-note { color: var(--sf-bad); }
  .sf-button-note { font-size: .8em; color: var(--sf-muted); }
  .sf-button-note:empty { display: none; }
  sf-status { display: inline-flex; align-items: center; gap: .5em; font-size: .875em; color: var(--sf-muted); }
  sf-status::before { content: ""; inline-size: .6em; block-size: .6em; border-radius: 50%; background: currentColor; flex: none; }
  sf-status[data-state="live"]::before { background: var(--sf-good); }
  sf-status:is([data-state="stale"], [data-state="connecting"], [data-state="loading"])::before { background: var(--sf-warn); animation: sf-pulse 1.2s ease-in-out infinite; }
  sf-status:is([data-state="offline"], [data-state="error"]) { color: var(--sf-bad); }
  sf-diagnostics {
    position: fixed; inset: auto 1rem 1rem 1rem; max-block-size: 60vh; z-index: 1000;
    background: light-dark(#fff7f6, #2a1614); color: light-dark(#5c1a14, #ffd9d4); border: 1px solid var(--sf-bad); border-radius: var(--sf-radius);
    box-shadow: 0 12px 40px rgb(0 0 0 / .25); display: flex; flex-direction: column; overflow: hidden;
  }
  sf-diagnostics[hidden] { display: none; }
  .sf-diagnostics-head { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: .6rem 1rem; border-block-end: 1px solid color-mix(in srgb, var(--sf-bad) 35%, transparent); font-size: .9rem; }
  sf-diagnostics pre { margin: 0; padding: .75rem 1rem; overflow: auto; font: .85rem/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; white-space: pre; }
  sf-diagnostics button { flex: none; font: inherit; font-size: .8rem; background: none; color: inherit; border: 1px solid currentColor; border-radius: 6px; padding: .2rem .6rem; cursor: pointer; }
  @keyframes sf-turn { to { rotate: 1turn; } }
  @keyframes sf-pulse { 50% { opacity: .35; } }
  @media (prefers-reduced-motion: reduce) {
    sf-status::before, sf-value::before, sf-button > button::before { animation: none !important; }
  }
}
`
