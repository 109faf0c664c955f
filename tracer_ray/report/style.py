"""The page's style sheet: plain, readable at 1366 pixels, and fit to print."""

STYLE = """
:root { --ink: #222; --soft: #666; --line: #d9d9d4; --ours: #1f4e79; --loss: #a23b3b;
  --paper: #fff; --tint: #f6f6f2; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 32px 64px; }
h1, h2, h3 { font-family: Georgia, "Liberation Serif", "Times New Roman", serif;
  font-weight: 600; line-height: 1.2; }
h1 { font-size: 32px; margin: 0 0 4px; }
h2 { font-size: 24px; margin: 52px 0 8px; padding-top: 14px; border-top: 2px solid var(--ink); }
h3 { font-size: 17px; margin: 28px 0 6px; }
p { margin: 6px 0; max-width: 115ch; }
a { color: var(--ours); }
.soft, figcaption span { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 1px; margin: 20px 0; background: var(--line);
  border: 1px solid var(--line); }
.facts div { flex: 1 1 auto; background: var(--paper); padding: 9px 14px; }
.facts dt { color: var(--soft); font-size: 12px; }
.facts dd { margin: 0; font-size: 18px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.facts dl { margin: 0; }
.verdict { font-size: 17px; border-left: 4px solid var(--ours); background: var(--tint);
  padding: 9px 14px; margin: 12px 0; max-width: none; }
.verdict.none { border-color: var(--loss); }
.warnings { border-left: 4px solid #b0792b; background: #fbf6ea; padding: 9px 14px 9px 32px;
  margin: 14px 0; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums;
  margin: 8px 0; }
th { font-weight: 600; color: var(--soft); font-size: 12.5px; border-bottom: 1px solid var(--ink);
  vertical-align: bottom; }
td, th { padding: 4px 14px 4px 0; text-align: right; }
td.text, th.text { text-align: left; overflow-wrap: break-word; }
td { border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { white-space: nowrap; }
.headline tbody tr:first-child td { font-weight: 600; color: var(--ours); }
.wide table { width: 100%; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 36px; }
.bar { display: inline-block; height: 9px; background: var(--ours); }
figure { margin: 14px 0 0; min-width: 0; }
td.number:has(.bar) { text-align: left; }
.pair > figure:last-child:nth-child(odd) { grid-column: 1 / -1; }
figcaption { font-size: 13px; margin-bottom: 4px; }
figcaption b { font-size: 15px; font-family: Georgia, "Liberation Serif", serif;
  display: block; }
pre { background: var(--tint); border: 1px solid var(--line); padding: 10px 14px; font-size: 13px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 48px; padding-top: 10px; border-top: 1px solid var(--line); font-size: 13px; }
@media (max-width: 820px) { .pair { grid-template-columns: 1fr; } main { padding: 16px; } }
@media print { main { max-width: none; padding: 0; } body { font-size: 11px; }
  figure, tr, .verdict { break-inside: avoid; } h2, h3 { break-after: avoid; }
  h2 { margin-top: 24px; } }
"""
