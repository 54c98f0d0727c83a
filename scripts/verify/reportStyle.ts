/** The report's style sheet: light and dark, narrow and wide, screen and paper. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --paper: #ffffff; --panel: #f6f8fa;
  --line: #d0d7de; --good: #116329; --bad: #a40e26; --warn: #7d4e00; --info: #0550ae; --bar: #4c8dd6; --old: #8c959f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #a5adb8; --paper: #0d1117; --panel: #161b22;
  --line: #3d444d; --good: #56d364; --bad: #ff8a80; --warn: #e3b341; --info: #79c0ff; --bar: #388bfd; --old: #7d8590; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.75rem; margin: 0 0 .25rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.3rem; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
code, td.id { font-family: ui-monospace, monospace; font-size: .9em; } code { overflow-wrap: anywhere; }
.verdict { border-left: .5rem solid; padding: .75rem 1rem; background: var(--panel); }
.verdict.verified { border-color: var(--good); } .verdict.not { border-color: var(--bad); }
.verdict p { margin: .25rem 0 0; color: var(--dim); }
.pass { color: var(--good); } .fail { color: var(--bad); } .warn { color: var(--warn); } .note { color: var(--info); }
.skip { color: var(--dim); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0; }
.facts dt { color: var(--dim); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--dim); padding-bottom: .25rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--dim); font-weight: 600; } tbody th { font-weight: 600; overflow-wrap: anywhere; }
details { margin-top: .25rem; } summary { cursor: pointer; color: var(--dim); }
ul.evidence { margin: .25rem 0 0; padding-left: 1.2rem; color: var(--dim); overflow-wrap: anywhere; }
.fix { margin: .25rem 0 0; } .fix::before { content: "→ " / ""; }
svg { width: 100%; min-width: 34rem; height: auto; display: block; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); } svg .dim { fill: var(--dim); }
svg .axis { stroke: var(--line); } svg .published { fill: var(--bar); } svg .earlier { fill: var(--old); }
svg .unknown { fill: var(--bad); } svg .grace { fill: var(--warn); opacity: .35; }
svg .today { stroke: var(--bad); stroke-width: 1.5; } svg .due { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 4 3; }
@media (max-width: 40rem) { .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .4rem; } }
@media print { body { max-width: none; padding: 0; } details > * { display: block; }
  details::details-content { content-visibility: visible; block-size: auto; } summary { display: none; }  tr, svg { break-inside: avoid; } }
`;
