// In the dashboard's colours (services/dashboard/src/style/tokens.css). The page of the docs is one file, and runs no script.
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f3f5f4; --surface: #ffffff; --sunken: #eef1f0; --rule: #dfe4e2;
  --ink: #14191b; --ink-soft: #465056; --ink-quiet: #5d686d;
  --act: #0d6472; --act-wash: #e2f0f1; --good: #1c7a4a; --bad: #b3261e; --high: #8a5300;
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --code: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Noto Sans Mono", "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1315; --surface: #161b1e; --sunken: #1d2327; --rule: #293136;
    --ink: #e9edee; --ink-soft: #b4bec2; --ink-quiet: #95a1a6;
    --act: #57b9c6; --act-wash: #14313a; --good: #4cc48a; --bad: #ff8b80; --high: #e9b14a;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 14px/1.5 var(--text); -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 880px; padding: 28px clamp(12px, 2.2vw, 28px) 64px; }
h1 { margin: 0; font-size: 24px; line-height: 1.2; letter-spacing: -0.015em; }
h1 small { font-size: 14px; font-weight: 400; color: var(--ink-quiet); letter-spacing: 0; }
h2 { margin: 32px 0 8px; font-size: 17px; }
h2 span { font-size: 14px; font-weight: 400; color: var(--ink-quiet); }
h3 { margin: 16px 0 6px; font-size: 13px; color: var(--ink-soft); }
p { margin: 8px 0; color: var(--ink-soft); max-width: 68ch; }
a { color: var(--act); }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--act); outline-offset: 2px; }
code, pre { font-family: var(--code); font-size: 13px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 16px 0 0; }
details { background: var(--surface); border: 1px solid var(--rule); border-radius: 10px; margin: 8px 0; }
summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; padding: 10px 14px; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary > b { font: 600 12px var(--code); min-width: 52px; }
summary > code { font-weight: 600; overflow-wrap: anywhere; }
summary > span { color: var(--ink-soft); flex: 1 1 240px; }
.get { color: var(--act); } .post { color: var(--good); } .delete { color: var(--bad); }
.body { padding: 0 14px 14px; border-top: 1px solid var(--rule); }
.who { color: var(--ink-quiet); }
pre { margin: 6px 0; padding: 10px 12px; background: var(--sunken); color: var(--ink); border-radius: 6px; overflow-x: auto; line-height: 1.45; }
dl { margin: 0; }
dt { margin-top: 10px; font-weight: 600; }
dt b { font-family: var(--code); }
dd { margin: 0; color: var(--ink-soft); }
`;
