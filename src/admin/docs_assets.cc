#include "docs_assets.h"

namespace offloader::admin {

const char* const kDocsStyle = R"css(
:root{color-scheme:light dark;--bg:#fdfdfc;--fg:#1d2126;--soft:#5a6370;--line:#dfe3e8;--panel:#f4f6f8;--accent:#0b5cad;--on:#fff;
--code:#24292f;--key:#8a3b12;--str:#0a6640;--ok:#1a7f4b;--badge:#e8f1fb;--shadow:0 1px 2px rgb(0 0 0/.06)}
@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e4e8ee;--soft:#9aa5b4;--line:#2b323c;--panel:#171c23;--accent:#7db8f7;--on:#0f1318;
--code:#dbe2ea;--key:#f0a776;--str:#8fd6ae;--ok:#6fcf97;--badge:#1a2a3c;--shadow:none}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
display:grid;grid-template-columns:17rem minmax(0,1fr);min-height:100vh}
nav{border-right:1px solid var(--line);background:var(--panel);padding:1.5rem 1.25rem;position:sticky;top:0;height:100vh;overflow:auto}
.brand{font-weight:700;font-size:1.05rem;margin:0 0 1rem}
.brand span{color:var(--soft);font-weight:400}
label{display:block;font-size:.8rem;color:var(--soft);margin-bottom:.25rem}
input{width:100%;font:inherit;padding:.4rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--fg)}
nav ul{list-style:none;padding:0;margin:1rem 0}
nav li a{display:block;padding:.25rem .5rem;border-radius:6px;color:var(--fg);text-decoration:none;overflow-wrap:anywhere}
nav li a:hover{background:var(--badge)}
nav .foot{border-top:1px solid var(--line);padding-top:.75rem;font-size:.875rem}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
main{padding:2rem clamp(1rem,4vw,3rem) 5rem;max-width:64rem;min-width:0}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.3rem;margin:0;overflow-wrap:anywhere}
h3{font-size:.8rem;text-transform:uppercase;letter-spacing:.06em;color:var(--soft);margin:1.75rem 0 .5rem}
p{margin:.5rem 0}
.soft{color:var(--soft)}
article{margin-top:2rem;border:1px solid var(--line);border-radius:10px;padding:1.5rem;box-shadow:var(--shadow)}
.head{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:baseline}
.badge{font-size:.75rem;background:var(--badge);color:var(--accent);border-radius:999px;padding:.1rem .6rem;white-space:nowrap}
.route{margin:.5rem 0 0;color:var(--code);overflow-wrap:anywhere}
.route b{color:var(--ok)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.75rem;margin:1rem 0 0;padding:0}
dt{font-size:.75rem;color:var(--soft)}dd{margin:0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86rem}
pre{margin:0;background:var(--panel);color:var(--code);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;overflow:auto;tab-size:2}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th{font-size:.75rem;color:var(--soft);font-weight:600;background:var(--panel)}
th,td{text-align:left;padding:.45rem .75rem;vertical-align:top;border-bottom:1px solid var(--line)}
tbody tr:last-child td{border-bottom:0}
td code{white-space:nowrap}
[role=tablist]{display:flex;flex-wrap:wrap;gap:.25rem;margin-bottom:.5rem}
button{font:inherit;font-size:.85rem;color:var(--fg);background:transparent;border:1px solid var(--line);border-radius:6px;padding:.2rem .7rem;cursor:pointer}
button:hover{border-color:var(--accent)}
button[aria-selected=true]{background:var(--accent);border-color:var(--accent);color:var(--on)}
.snippet{position:relative;margin-bottom:.75rem}
.snippet h4{margin:.75rem 0 .25rem;font-size:.85rem}
.copy{position:absolute;right:.5rem;top:.5rem;background:var(--bg)}
.tabs .snippet pre{padding-right:6rem}
.tabs .snippet h4{display:none}
summary{cursor:pointer;color:var(--accent);padding:.15rem 0}
details pre,details .scroll{margin-top:.5rem}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:1rem;background:var(--bg);padding:.5rem 1rem;z-index:1}
[hidden]{display:none!important}
@media (max-width:52rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line);padding:1rem}
nav ul{max-height:10rem;overflow:auto}article{padding:1rem}.tabs .snippet pre{padding:2.9rem 1rem .9rem}}
@media print{nav,.copy{display:none}body{display:block}}
)css";

const char* const kDocsScript = R"js(
const filter = document.getElementById("filter");
const entries = [...document.querySelectorAll("nav li")].map((item) => ({
  item, article: document.getElementById(item.dataset.name), text: item.dataset.text.toLowerCase(),
}));
const none = document.getElementById("none");
filter.closest(".filter").hidden = entries.length < 2;
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  let shown = 0;
  for (const { item, article, text } of entries) {
    const hide = !text.includes(wanted);
    item.hidden = article.hidden = hide;
    if (!hide) ++shown;
  }
  none.hidden = shown > 0;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && document.activeElement !== filter) {
    event.preventDefault();
    filter.focus();
  }
  if (event.key === "Escape" && document.activeElement === filter) {
    filter.value = "";
    filter.dispatchEvent(new Event("input"));
  }
});
const groups = [...document.querySelectorAll(".snippets")];
const languagesOf = (group) => [...group.querySelectorAll("[role=tab]")].map((tab) => tab.dataset.language);
// Every endpoint has the first languages, and only some have the others: there, the endpoint keeps what it shows.
function choose(language, focus) {
  for (const group of groups) {
    if (!languagesOf(group).includes(language)) continue;
    for (const tab of group.querySelectorAll("[role=tab]")) {
      const on = tab.dataset.language === language;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
      if (on && focus === group) tab.focus();
    }
    for (const panel of group.querySelectorAll("[role=tabpanel]")) panel.hidden = panel.dataset.language !== language;
  }
}
for (const group of groups) {
  const list = group.querySelector("[role=tablist]");
  list.hidden = false;
  group.classList.add("tabs");
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab.dataset.language, group);
  });
  list.addEventListener("keydown", (event) => {
    const languages = languagesOf(group);
    const at = languages.indexOf(event.target.dataset.language);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) choose(languages[(at + step + languages.length) % languages.length], group);
    if (event.key === "Home") choose(languages[0], group);
    if (event.key === "End") choose(languages[languages.length - 1], group);
    if (step || event.key === "Home" || event.key === "End") event.preventDefault();
  });
}
choose("curl");
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
)js";

}  // namespace offloader::admin
