/** The page's style sheet. */
export const STYLE = `
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#57606a;--line:#d0d7de;--box:#f6f8fa;--bad:#b42318;--mark:#0969da;
--unread:#4c8dd6;--consumed:#9dbb8f;--empty:#e4e8ec;--dropped:#d9a441;--lost:#c0392b}
@media screen and (prefers-color-scheme:dark){:root:not([data-paper]){--fg:#dfe3e8;--bg:#14171a;--soft:#9aa4af;--line:#353b42;--box:#1c2126;--bad:#ff7b6b;--mark:#6cb0ff;
--unread:#3f77b8;--consumed:#5d7a50;--empty:#2a3036;--dropped:#a37a2c;--lost:#b5473a}}
*{box-sizing:border-box}
body{font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);margin:0 auto;padding:1.2rem;max-width:76rem}
h1{font-size:1.05rem;font-weight:600;color:var(--soft);margin:0 0 .4rem}
h2{font-size:1.1rem;margin:1.8rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h3{font-size:.95rem;margin:1rem 0 .3rem}
.answer{font-size:1.3rem;font-weight:600;margin:.2rem 0 .8rem;overflow-wrap:anywhere}
p{margin:.4rem 0}
.soft{color:var(--soft)}
pre,code,td,th,.tip{font:13px/1.45 ui-monospace,monospace}
pre{background:var(--box);padding:.7rem;border-radius:6px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{border-collapse:collapse}
th,td{text-align:left;padding:.12rem .8rem .12rem 0;vertical-align:top;white-space:nowrap}
td.text{white-space:normal;overflow-wrap:anywhere;min-width:12rem}
th{color:var(--soft);font-weight:600;border-bottom:1px solid var(--line)}
.r{text-align:right}
.bad{color:var(--bad)}
svg{display:block;width:100%}
svg text{font:11px ui-monospace,monospace;fill:var(--soft)}
.unread{fill:var(--unread)}.consumed{fill:var(--consumed)}.empty{fill:var(--empty)}.dropped{fill:var(--dropped)}.lost{fill:var(--lost)}
.role{stroke:var(--fg);stroke-width:1.5;fill:none}
.moved{stroke:var(--mark);stroke-width:1;opacity:.7}
.key i{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .9em;border-radius:2px}
.k-unread{background:var(--unread)}.k-consumed{background:var(--consumed)}.k-empty{background:var(--empty)}.k-dropped{background:var(--dropped)}.k-lost{background:var(--lost)}
#lanes{width:100%;display:block;border:1px solid var(--line);border-radius:6px;touch-action:none;cursor:crosshair}
.bar{display:flex;gap:.4rem;flex-wrap:wrap;align-items:center;margin:.4rem 0}
button{font:inherit;font-size:13px;color:var(--fg);background:var(--box);border:1px solid var(--line);border-radius:5px;padding:.1rem .6rem}
.tip{min-height:2.9em;background:var(--box);border-radius:6px;padding:.4rem .7rem;margin:.4rem 0;overflow-wrap:anywhere}
@media print{button,.tip{display:none}body{max-width:none;padding:0}h2,h3{break-after:avoid}tr,svg{break-inside:avoid}
#lanes{height:auto!important}.scroll{overflow:visible}table{width:100%}pre,code,td,th{font-size:9.5px}td,th{white-space:normal;overflow-wrap:anywhere}
*{print-color-adjust:exact}}
`;
