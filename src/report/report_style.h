// The style sheet of an HTML report. Colours are variables, so that light, dark and print share the rest; series
// colours keep 3:1 against their background (WCAG 2.1, 1.4.11), and dashes tell lines apart without colour.
#pragma once

#include <string_view>

namespace weir::plan {

inline constexpr std::string_view report_style = R"css(
:root { color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #566274; --rule: #dde2e9; --band: #f3f5f8;
  --mark: #b42318; --s0: #1d5fd1; --s1: #c2570c; --s2: #12805c; --s3: #7a3fc4; --s4: #0e7490; --s5: #b8246e;
  --s6: #6b6f00; --s7: #56606e; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #10151c; --card: #18202a; --ink: #e8edf3; --soft: #a3afbf; --rule: #303b49; --band: #1f2935;
  --mark: #ff8a7a; --s0: #6ea8ff; --s1: #f59a4c; --s2: #4fc99a; --s3: #b592f5; --s4: #4fc3dc; --s5: #f07fb4;
  --s6: #c9cc4a; --s7: #aab4c2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 2rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; text-wrap: balance; }
.subtitle { color: var(--soft); margin: 0 0 1.75rem; max-width: 46rem; text-wrap: pretty; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1.25rem 1.5rem 1.4rem;
  margin: 0 0 1.25rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .9rem; }
h3 { font-size: .95rem; line-height: 1.35; margin: 1.4rem 0 .5rem; }
section > h3:first-child, h2 + h3 { margin-top: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
* + table, * + figure { margin-top: .5rem; }
table + table, figure + table, table + figure, figure + figure { margin-top: 1.6rem; }
th, td { overflow-wrap: normal; text-align: left; vertical-align: top; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--rule);
  font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .82rem; vertical-align: bottom; }
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
thead .n { white-space: normal; }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: .95rem; margin-bottom: .35rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: 0 0 .4rem; padding: 0;
  font-size: .85rem; color: var(--soft); }
.legend svg { width: 26px; height: 10px; margin-right: .45rem; vertical-align: middle; }
svg { display: block; width: 100%; height: auto; }
.legend svg { display: inline-block; }
svg text { font-size: 12px; fill: var(--soft); }
svg .end { text-anchor: end; } svg .mid { text-anchor: middle; }
svg .label { font-size: 12px; } svg .category { fill: var(--ink); font-weight: 600; }
svg .value { fill: var(--ink); } svg .mark-label { fill: var(--mark); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4; }
.grid { stroke: var(--rule); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
.mark { stroke: var(--mark); stroke-width: 1.25; stroke-dasharray: 3 3; }
.curve { fill: none; stroke: var(--c); stroke-width: 2.25; stroke-linejoin: round; }
circle { fill: var(--c); } .bar { fill: var(--c); }
.s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); }
.s4 { --c: var(--s4); } .s5 { --c: var(--s5); } .s6 { --c: var(--s6); } .s7 { --c: var(--s7); }
.s1 .curve, .s5 .curve { stroke-dasharray: 8 4; } .s2 .curve, .s6 .curve { stroke-dasharray: 2 3; }
.s3 .curve, .s7 .curve { stroke-dasharray: 9 3 2 3; }
svg.narrow { display: none; }
details { margin-top: .5rem; font-size: .85rem; color: var(--soft); }
summary { cursor: pointer; width: max-content; }
details table { margin-top: .4rem; color: var(--ink); }
ul.notes { margin: 0; padding-left: 1.1rem; color: var(--ink); max-width: 50rem; }
ul.notes li { margin: .2rem 0; }
* + ul.notes { margin-top: .4rem; }
footer { color: var(--soft); font-size: .82rem; padding: .25rem 0 1rem; }
@media (max-width: 600px) {
  main { padding: 1.4rem .75rem 1rem; }
  h1 { font-size: 1.4rem; }
  section { padding: 1rem; border-radius: 8px; }
  svg.wide { display: none; } svg.narrow { display: block; }
  table.many thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table.many, table.many tbody { display: block; }
  table.many tr { display: block; padding: .55rem 0; border-bottom: 1px solid var(--rule); }
  table.many tr:last-child { border-bottom: 0; }
  table.many tbody th, table.many td { display: flex; justify-content: space-between; gap: 1rem; border: 0;
    padding: .12rem 0; text-align: right; }
  table.many tbody th { text-align: left; font-size: 1rem; }
  table.many td::before { content: attr(data-title); color: var(--soft); text-align: left; flex: none;
    max-width: 50%; }
  table.many td:empty { display: none; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; --mark: #b42318;
    --s0: #1d5fd1; --s1: #c2570c; --s2: #12805c; --s3: #7a3fc4; --s4: #0e7490; --s5: #b8246e; --s6: #6b6f00;
    --s7: #56606e; }
  body { font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  section { border: 0; padding: 0; margin-bottom: 1.2rem; }
  figure, tr { break-inside: avoid; } h2, h3, figcaption { break-after: avoid; }
  details { display: none; }
}
)css";

}  // namespace weir::plan
