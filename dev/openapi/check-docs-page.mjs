// check-docs-page.mjs BINARY OUTPUT: tests /docs in a headless Chromium: its content, use by keyboard alone, light and dark, wide and narrow, with
// and without script, and that it requests nothing from another host. Leaves screenshots in OUTPUT.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { Findings, root, withServer } from "./server.mjs";

const binary = path.resolve(process.argv[2] ?? path.join(root, "build/release/bin/offloader"));
const output = path.resolve(process.argv[3] ?? path.join(root, "build/release/docs-page"));
const findings = new Findings();
mkdirSync(output, { recursive: true });

// Uses a new profile each time, and turns off the browser's own network requests.
async function withPage(options, use) {
  const profile = mkdtempSync(path.join(tmpdir(), "offloader-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    await use(page, context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// The WCAG contrast of every element with text, from its computed colours.
const contrasts = () => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parse = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const backdrop = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const out = [];
  for (const element of document.querySelectorAll("body *")) {
    if (element.closest("script,style,[hidden],.skip") || ![...element.childNodes].some((each) => each.nodeType === 3 && each.data.trim())) continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(backdrop(element))];
    out.push({ what: `${element.tagName} ${element.textContent.slice(0, 30)}`, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return out;
};

async function look(name, server, scheme) {
  await withPage({ colorScheme: scheme, reducedMotion: "reduce" }, async (page) => {
    const where = `${name} (${scheme})`;
    const troubles = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(server.admin) && !request.url().startsWith("data:")) troubles.push(`asks ${request.url()}`);
    });
    page.on("console", (message) => { if (message.type() === "error") troubles.push(message.text()); });
    page.on("pageerror", (error) => troubles.push(String(error)));
    const response = await page.goto(`${server.admin}/docs`, { waitUntil: "networkidle" });
    findings.expect(response.status() === 200, `${where}: status ${response.status()}`);
    const docs = await (await fetch(`${server.admin}/docs`)).json();

    for (const endpoint of docs.endpoints) {
      const article = page.locator(`#${endpoint.name}`);
      findings.expect(await article.isVisible(), `${where}: ${endpoint.name} does not show`);
      const text = await article.textContent();
      for (const part of [endpoint.path, endpoint.description, endpoint.owner, ...endpoint.params.flatMap((each) => [each.name, each.type, ...(each.enum ?? []), ...Object.keys(each.aliases), `${each.default ?? ""}`]),
        ...endpoint.combinations.flat(), ...endpoint.response.columns.flatMap((each) => [each.name, each.type]), ...endpoint.errors.map((each) => each.family),
        ...Object.values(endpoint.snippets), ...(endpoint.formats ? [endpoint.formats.join(", ")] : []), ...(endpoint.export ? [`at most ${endpoint.export.max_rows} rows`] : [])]) {
        findings.expect(text.includes(part), `${where}: ${endpoint.name} does not tell ${part}`);
      }
      // The copied text must equal the tested snippet.
      for (const language of Object.keys(endpoint.snippets)) {
        findings.expect(await page.locator(`#${endpoint.name}-${language} code`).textContent() === endpoint.snippets[language], `${where}: another ${language} snippet than in JSON`);
      }
      findings.expect(await article.locator("b").count() === 1, `${where}: a description is taken for markup`);
    }
    for (const { what, ratio } of await page.evaluate(contrasts)) findings.expect(ratio >= 4.5, `${where}: contrast ${ratio.toFixed(2)} of ${what}`);
    await page.screenshot({ path: path.join(output, `${name}-${scheme}.png`), fullPage: true });

    // Use the keyboard alone.
    const focus = () => page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return { text: document.activeElement.textContent, id: document.activeElement.id, ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    await page.keyboard.press("Tab");
    const skip = await focus();
    findings.expect(skip.text === "Skip to the endpoints" && skip.ring, `${where}: the first stop is not the skip link: ${JSON.stringify(skip)}`);
    await page.keyboard.press("Enter");
    findings.expect((await focus()).id === "content", `${where}: the skip link leads nowhere`);
    const first = docs.endpoints[0].name;
    const stops = [];
    for (let i = 0; i < 60 && !stops.some((each) => each.id === `${first}-curl-tab`); ++i) {
      await page.keyboard.press("Tab");
      stops.push(await focus());
    }
    findings.expect(stops.at(-1)?.id === `${first}-curl-tab`, `${where}: Tab does not reach the snippets`);
    findings.expect(stops.every((each) => each.ring), `${where}: a stop without a visible ring: ${stops.find((each) => !each.ring)?.text}`);
    const last = Object.keys(docs.endpoints[0].snippets).at(-1);
    findings.expect(await page.locator(`#${first}-${last}`).isHidden(), `${where}: all snippets show at once`);
    await page.keyboard.press("ArrowLeft");
    findings.expect(await page.locator(`#${first}-${last}`).isVisible() && (await focus()).id === `${first}-${last}-tab`, `${where}: arrows do not move between tabs`);
    // An endpoint without this language keeps showing one that it has.
    for (const endpoint of docs.endpoints) {
      const shown = await page.locator(`#${endpoint.name} [role=tabpanel]:visible`).evaluateAll((all) => all.map((each) => each.dataset.language));
      const expected = endpoint.snippets[last] ? last : "curl";
      findings.expect(shown.length === 1 && shown[0] === expected, `${where}: ${endpoint.name} shows ${shown}, not ${expected}`);
    }
    await page.keyboard.press("Tab");
    findings.expect((await focus()).text === "Copy", `${where}: the copy button is not next`);
    // The button says so for two seconds only, so record it.
    await page.evaluate(() => {
      const button = document.activeElement;
      window.said = [];
      new MutationObserver(() => window.said.push(button.textContent)).observe(button, { childList: true, characterData: true, subtree: true });
    });
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => window.said.includes("Copied") || window.said.includes("Selected"));
    if (docs.endpoints.length > 1) {
      await page.keyboard.press("/");
      findings.expect((await focus()).id === "filter", `${where}: / does not reach the filter`);
      await page.keyboard.type(first);
      findings.expect(await page.locator("article:visible").count() === docs.endpoints.filter((each) => `${each.name} ${each.description}`.includes(first)).length, `${where}: the filter`);
      await page.keyboard.type(" no such thing");
      findings.expect(await page.locator("#none").isVisible(), `${where}: nothing says that nothing matches`);
      await page.keyboard.press("Escape");
      findings.expect(await page.locator("article:visible").count() === docs.endpoints.length, `${where}: Escape does not clear the filter`);
    }
    await page.setViewportSize({ width: 360, height: 800 });
    findings.expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where}: a phone must scroll sideways`);
    await page.screenshot({ path: path.join(output, `${name}-${scheme}-phone.png`) });
    for (const trouble of troubles) findings.expect(false, `${where}: ${trouble}`);
  });
}

for (const [name, project] of [["customer-analytics", "examples/customer-analytics"], ["public-metrics", "examples/public-metrics"], ["fixture", "dev/openapi/fixture"]]) {
  await withServer(binary, path.join(root, project), async (server) => {
    const policy = (await fetch(`${server.admin}/docs`, { headers: { accept: "text/html" } })).headers.get("content-security-policy");
    findings.expect(policy?.includes("default-src 'none'") && !policy.includes("unsafe"), `${name}: policy ${policy}`);
    await look(name, server, "light");
    await look(name, server, "dark");
    await withPage({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${server.admin}/docs`);
      findings.expect(await page.locator("[role=tabpanel]:visible").count() > 2, `${name}: snippets are hidden where script is off`);
      findings.expect(await page.locator("button:visible").count() === 0, `${name}: buttons that do nothing where script is off`);
    });
  });
}
findings.end("docs page");
