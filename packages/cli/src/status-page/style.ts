/** The page's one style sheet; its colours are the cockpit's, each with a light and a dark value. */
export const css = `
:root{color-scheme:light dark;
--bg:light-dark(#f6f7f9,#0b0f14);--surface:light-dark(#fff,#121821);--raised:light-dark(#eef1f5,#1a222d);
--ink:light-dark(#10161f,#e8edf4);--dim:light-dark(#4f5b6b,#9aa8ba);--line:light-dark(#d5dbe3,#2b3645);
--healthy:light-dark(#0f6b46,#4fd69c);--degraded:light-dark(#8a4b00,#ffb45c);--failing:light-dark(#b3201c,#ff8a80);
--unknown:light-dark(#4f5b6b,#9aa8ba);--bar:light-dark(#359f74,#2f9e70);--bad:light-dark(#d1342f,#ff6f63);
--none:light-dark(#7b8798,#6b7b90);--wash:light-dark(rgb(16 22 31/.05),rgb(0 0 0/.35))}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main,header,footer{max-width:56rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:3rem}
h1{font-size:1.125rem;font-weight:600;margin:0 0 1rem;letter-spacing:-.01em;color:var(--dim)}
h2{font-size:.8125rem;font-weight:600;text-transform:uppercase;letter-spacing:.07em;color:var(--dim);margin:2.5rem 0 .75rem}
h3{font-size:1rem;font-weight:600;margin:0;overflow-wrap:anywhere}
p{margin:0}
.now{display:flex;align-items:center;gap:1rem;background:var(--surface);border:1px solid var(--line);
border-left:.375rem solid var(--state);border-radius:.75rem;padding:1.25rem 1.5rem;box-shadow:0 1px 2px var(--wash)}
.now strong{display:block;font-size:1.5rem;line-height:1.25;letter-spacing:-.02em;font-weight:650}
.mark{flex:none;width:1.75rem;height:1.75rem;color:var(--state)}
.healthy{--state:var(--healthy)}.degraded{--state:var(--degraded)}.failing{--state:var(--failing)}.unknown{--state:var(--unknown)}
.critical{--state:var(--failing)}.warning{--state:var(--degraded)}.info{--state:var(--unknown)}
.dim,.now span{color:var(--dim);font-size:.875rem}
.card{background:var(--surface);border:1px solid var(--line);border-radius:.75rem;box-shadow:0 1px 2px var(--wash)}
.card>article{padding:1.25rem 1.5rem}
.card>article+article{border-top:1px solid var(--line)}
.row{display:flex;align-items:baseline;justify-content:space-between;gap:1rem;flex-wrap:wrap}
.state{color:var(--state);font-weight:600;font-size:.875rem;white-space:nowrap}
.state svg{width:.875rem;height:.875rem;vertical-align:-.125rem;margin-right:.375rem}
.days{display:block;width:100%;height:2.25rem;margin:.75rem 0 .25rem}
.d{fill:var(--bar)}.b{fill:var(--bad)}.n{fill:none;stroke:var(--none);stroke-width:1;vector-effect:non-scaling-stroke}
.ends{display:flex;justify-content:space-between;font-size:.75rem;color:var(--dim)}
dl{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.5rem 1rem;margin:.875rem 0 0}
dt{font-size:.75rem;color:var(--dim)}
dd{margin:0;font-weight:600}
dd small{display:block;font-weight:400;font-size:.75rem;color:var(--dim)}
dd.none{font-weight:400;color:var(--dim)}
details{margin-top:.875rem;font-size:.875rem}
summary{cursor:pointer;color:var(--dim);width:fit-content;border-radius:.25rem}
summary:focus-visible{outline:2px solid currentColor;outline-offset:3px}
table{border-collapse:collapse;margin-top:.5rem;width:100%}
caption{text-align:left;color:var(--dim);padding-bottom:.25rem}
th,td{text-align:left;padding:.25rem 1rem .25rem 0;font-weight:400;border-top:1px solid var(--line);overflow-wrap:anywhere}
th[scope=col]{color:var(--dim);font-size:.75rem;border-top:0}
td.r,th.r{text-align:right;padding-right:0}
.facts{margin-top:.75rem;font-size:.875rem;color:var(--dim);overflow-wrap:anywhere}
.key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.875rem;font-size:.8125rem;color:var(--dim)}
.key svg{width:.5rem;height:.875rem;vertical-align:-.125rem;margin-right:.375rem}
footer{padding-top:2.5rem;padding-bottom:3rem;font-size:.8125rem;color:var(--dim)}
footer p+p{margin-top:.375rem}
a{color:inherit}
@media (max-width:36rem){dl{grid-template-columns:repeat(2,minmax(0,1fr))}header{padding-top:1.75rem}
.card>article,.now{padding:1rem 1.125rem}.now strong{font-size:1.25rem}}
@media print{body{background:none}.card,.now{box-shadow:none;break-inside:avoid}}
@media (forced-colors:active){.d,.b{forced-color-adjust:none}}
`.trim();
