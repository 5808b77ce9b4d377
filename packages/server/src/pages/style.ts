// The stylesheet of the pages, as it is sent: light and dark, from 320 pixels on.

/** One sheet for all pages. */
export const style: string = `:root{color-scheme:light dark;
--page:light-dark(#f6f8fa,#0e1318);--card:light-dark(#fff,#161d25);--line:light-dark(#d9e0e7,#2c3640);--text:light-dark(#17212b,#e6ebf0);
--soft:light-dark(#56636f,#9eabb8);--link:light-dark(#0a58a0,#7db8f5);--strong:light-dark(#0b5ea8,#2f7fc9);--code:light-dark(#eef2f6,#1d262f);
--good:light-dark(#17683a,#7ed6a0);--warn:light-dark(#7a4d00,#f0c064);--bad:light-dark(#a82318,#ff9d92);
--good-back:light-dark(#e2f4e8,#15301f);--warn-back:light-dark(#fdf0d5,#352811);--bad-back:light-dark(#fde7e4,#3a1a17);
--mono:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
*{box-sizing:border-box}
html{scroll-padding-top:5rem}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;background:var(--page);color:var(--text)}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
h1,h2,h3,h4,h5,h6{line-height:1.25;margin:0;text-wrap:balance}
h1{font-size:1.75rem;letter-spacing:-.01em}h2{font-size:1.2rem;margin:2rem 0 .75rem}h3{font-size:1.02rem}main>section>h3{margin:1.5rem 0 .5rem}
p{margin:.5rem 0}ul,ol{padding-left:1.4rem}small{font-size:.85em}
code,pre,.digest,kbd,samp{font-family:var(--mono);font-size:.86em}
pre{margin:0;padding:.8rem 1rem;overflow:auto;background:var(--code);border-radius:8px;line-height:1.5}pre code{font-size:.82rem}
.skip{position:absolute;left:-100vw}.skip:focus{left:1rem;top:1rem;z-index:2;background:var(--card);padding:.5rem}
.hidden{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden;margin:0}
.bar{position:sticky;top:0;z-index:1;background:var(--card);border-bottom:1px solid var(--line)}
.bar>div,main,footer{width:100%;max-width:76rem;margin:0 auto;padding:0 1.25rem}
.bar>div{display:flex;align-items:center;gap:1rem;min-height:3.5rem}
.brand{display:flex;gap:.5rem;align-items:center;font-weight:700;color:var(--text);text-decoration:none;letter-spacing:-.01em}
.bar .find{flex:1 1 10rem;max-width:30rem;min-width:0}.bar .find input{width:100%}
.bar nav{margin-left:auto;display:flex;gap:1rem;align-items:center;font-size:.95rem}.bar nav form{margin:0}.bar nav a{color:var(--text);text-decoration:none;padding:.25rem 0}.bar nav a:hover{text-decoration:underline}
.who{font-weight:600;max-width:10rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
main{flex:1;padding-top:1.5rem;padding-bottom:2rem}
footer{padding-top:1rem;padding-bottom:1.5rem;color:var(--soft);font-size:.85rem}
.crumbs ol{list-style:none;display:flex;flex-wrap:wrap;padding:0;margin:0 0 .75rem;font-size:.92rem}.crumbs li+li::before{content:"/";color:var(--soft);padding:0 .5rem}
.soft,.meta,figcaption,dt,.kind{color:var(--soft)}.ill{color:var(--bad)}
.digest{overflow-wrap:anywhere}.whole{white-space:nowrap}.parts{overflow-wrap:break-word}.long,.source,.reference{overflow-wrap:anywhere}
input,select,button,.button{font:inherit;border-radius:8px;border:1px solid light-dark(#8593a1,#66737f);padding:.42rem .75rem;background:var(--card);color:var(--text);max-width:100%}
input::placeholder{color:var(--soft);opacity:1}
button,.button{cursor:pointer;background:var(--strong);border-color:var(--strong);color:#fff;font-weight:600;text-decoration:none;display:inline-block;white-space:nowrap}
button:hover,.button:hover{filter:brightness(1.1)}
button.plain,.button.plain,.copy button{background:var(--card);color:var(--text);border-color:var(--line);font-weight:500}
button.danger,.button.danger{background:light-dark(#b3261e,#c8372d);border-color:transparent}
.button.danger{background:none;border-color:currentColor;color:var(--bad);font-weight:500;padding:.2rem .6rem;font-size:.9rem}
@media(prefers-color-scheme:dark){button:not(.plain):not(.danger):not(.copy button),.button:not(.plain):not(.danger){background:#8cc2f8;border-color:#8cc2f8;color:#07233d}}
.search{display:flex;gap:.5rem;margin:1rem 0}.search input{flex:1;max-width:36rem;min-width:0}
.hero{text-align:center;padding:2.25rem 0 1rem}.hero h1{font-size:2.1rem}.hero .search{justify-content:center}.hero .search input{padding:.65rem 1rem}
.card,.cards>li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.15rem}
.cards{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr))}
.cards h3{font-size:1.1rem}.cards p{margin:.3rem 0}.cards .source{font-size:.88rem}.badges:empty{display:none}
.kind{font-size:.78rem;font-weight:500;border:1px solid var(--line);border-radius:99px;padding:.05rem .5rem;vertical-align:.1em;letter-spacing:0}
.narrow{max-width:30rem;margin:2rem auto}.narrow label{display:block;margin:.9rem 0;font-weight:600}.narrow label small{font-weight:400;color:var(--soft)}.narrow label input{display:block;width:100%;margin-top:.25rem}
.badge{display:inline-block;font-size:.78rem;line-height:1.5;border-radius:99px;padding:.05rem .55rem;background:var(--code);color:var(--text);text-decoration:none;white-space:nowrap;margin:0 .25rem .15rem 0;max-width:100%;overflow:hidden;text-overflow:ellipsis;vertical-align:middle;font-weight:500}
a.badge:hover{text-decoration:underline}
.badge.good{background:var(--good-back);color:var(--good)}.badge.warn{background:var(--warn-back);color:var(--warn)}.badge.bad{background:var(--bad-back);color:var(--bad)}
.note{border-left:4px solid var(--link);background:var(--card);padding:.6rem 1rem;border-radius:0 8px 8px 0;margin:1rem 0}.note.warn{border-color:var(--warn);background:var(--warn-back)}.note.bad{border-color:var(--bad);background:var(--bad-back)}
.head{display:flex;gap:1rem;align-items:flex-start;margin-bottom:.5rem}.head>div{flex:1;min-width:0}.head p{margin:.25rem 0}.head .version{color:var(--soft);font-weight:500}
.letter{flex:none;width:2.75rem;height:2.75rem;border-radius:10px;display:grid;place-items:center;font-weight:700;font-size:1.2rem;color:#fff}
.hue0{background:#0b5ea8}.hue1{background:#7a3ea1}.hue2{background:#0d6e6e}.hue3{background:#a1432a}.hue4{background:#356a1f}.hue5{background:#8a2d63}.hue6{background:#4350a8}.hue7{background:#6b5a12}
.charts{list-style:none;padding:0;margin:1rem 0;background:var(--card);border:1px solid var(--line);border-radius:12px}
.charts>li{display:grid;grid-template-columns:auto minmax(0,1fr) auto;gap:1rem;padding:.85rem 1.15rem;align-items:center}.charts>li+li{border-top:1px solid var(--line)}
.charts h2{margin:0;font-size:1.05rem}.charts h2 a{text-decoration:none}.charts h2 a:hover{text-decoration:underline}
.charts p{margin:.1rem 0;overflow-wrap:anywhere;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
.meta{display:flex;flex-wrap:wrap;gap:.15rem 1rem;font-size:.88rem}.charts .meta{display:flex;justify-content:flex-end;max-width:26rem}.meta .version{color:var(--text);font-weight:600}
.pages{display:flex;gap:1.25rem;align-items:center;justify-content:center;margin:1.5rem 0;color:var(--soft)}
.tabs{display:flex;gap:.25rem;border-bottom:1px solid var(--line);margin:1.25rem 0;overflow-x:auto}.tabs a{padding:.5rem .9rem;text-decoration:none;color:var(--soft);border-bottom:3px solid transparent;font-weight:500;white-space:nowrap}.tabs a:hover{color:var(--text)}.tabs a[aria-current]{color:var(--text);border-color:var(--strong);font-weight:600}
.columns{display:grid;grid-template-columns:minmax(0,1fr) 20rem;gap:2.5rem}.columns h2:first-child{margin-top:0}.columns section:first-child h2{margin-top:0}
aside section{margin-bottom:1.75rem}aside h2{font-size:1rem;margin:0 0 .5rem}aside{font-size:.92rem}
.facts{margin:0;display:grid;gap:.5rem}.facts dt{font-size:.82rem}.facts dd{margin:0;overflow-wrap:anywhere}.facts ul{margin:0;padding-left:1.1rem}#server{display:flex;flex-wrap:wrap;gap:.5rem 3rem}
.install details{border:1px solid var(--line);background:var(--card)}.install details+details{border-top:0}.install details:first-of-type{border-radius:10px 10px 0 0}.install details:last-of-type{border-radius:0 0 10px 10px}
.install summary{padding:.6rem 1rem;font-weight:600;cursor:pointer}.install .copy{margin:0 1rem 1rem}.install figcaption{visibility:hidden}.install .copy{margin-top:-.4rem}
.copy{display:grid;grid-template-columns:minmax(0,1fr) auto;align-items:end;gap:.3rem .75rem;min-width:0;margin:.5rem 0 1.25rem}.copy figcaption{font-size:.88rem;padding:.15rem 0}.copy button{grid-column:2;grid-row:1;padding:.1rem .65rem;font-size:.82rem}.copy pre{grid-column:1/-1}
.blocks{display:grid;gap:0 1.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
.readme{overflow-wrap:anywhere}.readme h2{margin-top:2rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}.readme h2:nth-child(2){margin-top:1.5rem}.readme h3,.readme h4,.readme h5,.readme h6{margin:1.5rem 0 .5rem}.readme table{display:block;overflow-x:auto;border-collapse:collapse;margin:1rem 0;overflow-wrap:normal;max-width:100%}.readme th,.readme td{border:1px solid var(--line);padding:.35rem .65rem;text-align:left;vertical-align:top}.readme td{min-width:5rem}.readme pre{margin:.75rem 0}.readme :not(pre)>code{background:var(--code);padding:.1em .3em;border-radius:4px}.readme blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:4px solid var(--line);color:var(--soft)}
table.list{border-collapse:collapse;width:100%;margin:.75rem 0}.list th,.list td{text-align:left;padding:.5rem 1rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}.list th{font-size:.84rem;color:var(--soft);font-weight:600}.list td.soft{color:var(--soft)}.list .number{text-align:right;font-variant-numeric:tabular-nums}.list td code{overflow-wrap:anywhere}
ul.plain{list-style:none;margin:0;padding:0}.spaced>li{margin-bottom:.6rem;line-height:1.4}
.images{list-style:none;padding:0}.images>li{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:.6rem 0;padding:.6rem 1rem}.images summary{cursor:pointer}.images .reference{font-size:.9rem;font-weight:600}.facts-line{margin:.25rem 0 0 1.1rem;font-size:.88rem}
.code{padding:.8rem 0;counter-reset:none}.code span{display:inline}.code [data-line]::before{content:attr(data-line);display:inline-block;width:3.5rem;padding-right:1rem;text-align:right;color:var(--soft);user-select:none}.code i{color:var(--good);font-style:normal}.code b{font-weight:600;color:var(--link)}.code span:target{background:var(--warn-back)}
.match{margin:1.25rem 0}.match h3{margin-bottom:.35rem;overflow-wrap:anywhere}
.compare{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:1rem 0}
.files{list-style:none;padding:0;columns:2 22rem}.files li{overflow-wrap:anywhere;break-inside:avoid}
.file{border:1px solid var(--line);border-radius:10px;margin:.9rem 0;background:var(--card);overflow:hidden}.file summary{padding:.55rem 1rem;cursor:pointer;overflow-wrap:anywhere}.file>p{padding:0 1rem}
.diff{padding:.5rem 0;border-radius:0}.diff code{display:block;width:max-content;min-width:100%}.diff ins,.diff del,.diff span{display:block;padding:0 1rem;text-decoration:none;margin-bottom:-1.5em}.diff ins{background:var(--good-back);color:var(--good)}.diff del{background:var(--bad-back);color:var(--bad)}.diff .at{color:var(--soft)}
.plus{color:var(--good);font-variant-numeric:tabular-nums}.minus{color:var(--bad);font-variant-numeric:tabular-nums}
.drop{border:2px dashed light-dark(#8593a1,#66737f);border-radius:12px;padding:1.5rem;margin:1rem 0;background:var(--card)}.drop.over,.over .drop{border-color:var(--link);background:var(--code)}.drop label{display:block;margin:1rem 0;font-weight:600}.drop label small{font-weight:400;color:var(--soft)}.drop input{display:block;margin-top:.3rem;width:100%}
.error{text-align:center;padding:3rem 0;max-width:44rem;margin:0 auto}.error .status{font-size:4rem;font-weight:700;line-height:1;color:var(--soft);margin:0 0 .5rem}.error p{overflow-wrap:anywhere}.error .search{justify-content:center}
.chart-bars{width:100%;height:3rem;display:block}.chart-bars rect{fill:var(--strong)}
@media(max-width:60rem){.columns{grid-template-columns:minmax(0,1fr);gap:1rem}}
@media(max-width:44rem){.tabs{gap:0}.tabs a{padding:.5rem .65rem;font-size:.95rem}.tabs a:first-child{padding-left:.2rem}.compare>*{max-width:100%}.bar>div{flex-wrap:wrap;gap:.35rem 1rem;padding-top:.6rem;padding-bottom:.6rem}.bar .find{order:3;flex-basis:100%;max-width:none}.bar{position:static}
h1{font-size:1.45rem}.hero{padding:1rem 0 .5rem}.hero h1{font-size:1.7rem}.head{flex-wrap:wrap}
.charts>li{grid-template-columns:auto minmax(0,1fr);gap:.25rem .85rem;align-items:start}.charts .meta{grid-column:2;justify-content:flex-start}
.list thead{position:absolute;left:-200vw}.list tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}.list td{display:flex;gap:.75rem;border:0;padding:.1rem 0;min-width:0}.list td>*{min-width:0}.list td:empty{display:none}.list td::before{content:attr(data-name);flex:0 0 6.5rem;color:var(--soft);font-size:.85rem;line-height:1.8}.list .number{text-align:left}
.code [data-line]::before{width:2.6rem;padding-right:.6rem}}
@media(prefers-reduced-motion:no-preference){button,.button{transition:filter .12s}}
`
