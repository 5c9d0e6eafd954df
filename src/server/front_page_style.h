// The style sheet of the page at `/`. Colours are variables, so that light and dark share the rest; all keep 4.5:1
// against their background (WCAG 2.1, 1.4.3).
#pragma once

#include <string_view>

namespace weir {

inline constexpr std::string_view front_page_style = R"css(
:root { color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #566274; --rule: #dde2e9; --band: #eef1f5;
  --link: #1a57c4; --good: #0f6b4a; --bad: #b42318; --note: #fdf3dc; --note-ink: #6b4a00; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #10151c; --card: #18202a; --ink: #e8edf3; --soft: #a3afbf; --rule: #303b49; --band: #222d3a;
  --link: #8ab6ff; --good: #5fd3a5; --bad: #ff8a7a; --note: #33290f; --note-ink: #f3d48a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2.25rem 1.5rem 2rem; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0 0 .8rem; }
h2 + p { margin-top: -.4rem; }
p { margin: 0 0 .8rem; max-width: 48rem; }
p:last-child, ul:last-child { margin-bottom: 0; }
a { color: var(--link); }
header p { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1.15rem 1.4rem 1.2rem;
  margin: 0 0 1.1rem; }
.note { background: var(--note); color: var(--note-ink); border-color: transparent; padding: .8rem 1.4rem; }
.soft { color: var(--soft); }
.why { display: block; color: var(--soft); font-size: .82rem; line-height: 1.4; }
.good { color: var(--good); } .bad { color: var(--bad); }
code { font: .9em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code.line { display: block; background: var(--band); border-radius: 6px; padding: .5rem .75rem; margin: 0 0 .8rem; }
ul { margin: 0 0 .8rem; padding-left: 1.15rem; }
li { margin: .2rem 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.75rem, 1fr)); gap: .9rem 1rem; margin: 0 0 .9rem; }
dl:last-child { margin-bottom: 0; }
dt { color: var(--soft); font-size: .82rem; }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
table + table { margin-top: 1.4rem; }
th, td { text-align: left; vertical-align: top; padding: .42rem .9rem .42rem 0; border-bottom: 1px solid var(--rule);
  font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: .82rem; vertical-align: bottom; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
td:first-child { min-width: 6rem; }
.n { text-align: right; white-space: nowrap; }
.k { white-space: nowrap; }
table + p { margin-top: .8rem; }
header + .line { margin-bottom: 1.1rem; }
@media (max-width: 640px) {
  main { padding: 1.4rem .75rem 1rem; }
  h1 { font-size: 1.4rem; }
  section, .note { padding: 1rem; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody { display: block; }
  tr { display: block; padding: .55rem 0; border-bottom: 1px solid var(--rule); }
  tbody tr:last-child { border-bottom: 0; }
  td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .12rem 0; text-align: right; }
  td.n { white-space: normal; }
  td::before { content: attr(data-title); color: var(--soft); text-align: left; flex: none; max-width: 45%; }
  td:empty { display: none; }
}
)css";

}  // namespace weir
