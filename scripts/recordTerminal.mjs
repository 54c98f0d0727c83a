// Records docs/terminal.svg: runs the two local commands and draws what they print. `npm run record` after a change to
// their output; test/endToEnd/local.test.ts fails when the picture is out of date.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const columns = 124;
const [characterWidth, lineHeight, padding] = [7.25, 18, 16];

/** Identifiers, ports and names differ from run to run; here they stay the same, so that a new recording shows what changed. */
const fixed = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ec895e39-65b6-4602-8823-d13b63315883"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:44885"],
  [/copilot-dev-\w{8}/g, "copilot-dev-wpcset4v"],
];

const colours = { "✓": "#3fb950", "✗": "#f85149", $: "#8b949e", VERIFIED: "#3fb950" };

/** A command as a person types it, and the first lines of what it prints. */
function session(typed, commandArguments, lineLimit = Infinity) {
  // Without the user's own PATH: a Pulumi CLI on it would change what is recorded.
  const env = { PATH: "/usr/bin:/bin", HOME: process.env["HOME"] };
  const output = execFileSync(process.execPath, ["dist/cli.js", ...commandArguments], {
    cwd: root,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = fixed.reduce((before, [pattern, value]) => before.replaceAll(pattern, value), output);
  const lines = text.trimEnd().split("\n");
  const shown = lines.slice(0, lineLimit);
  const left = lines.length - shown.length;
  return [`$ ${typed}`, ...shown, ...(left > 0 ? [`… ${left} more lines`] : []), ""];
}

function lineElement(line, index) {
  const cut = line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
  const mark = /^( *)(✓|✗|\$|VERIFIED)/.exec(cut);
  const body =
    mark === null
      ? escape(cut)
      : `${mark[1]}<tspan fill="${colours[mark[2]]}">${escape(mark[2])}</tspan>${escape(cut.slice(mark[0].length))}`;
  const y = padding + (index + 1) * lineHeight - 5;
  return `<text x="${padding}" y="${y}" style="animation-delay:${(index * 0.12).toFixed(2)}s">${body}</text>`;
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function draw(lines) {
  const width = Math.ceil(columns * characterWidth + 2 * padding);
  const height = lines.length * lineHeight + 2 * padding;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve">
<title>npm run local and npm run copilot -- --try in a terminal</title>
<style>
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; animation: show 0.1s both; }
@keyframes show { from { opacity: 0 } }
@media (prefers-reduced-motion) { text { animation: none } }
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${lines.map(lineElement).join("\n")}
</svg>
`;
}

const lines = [
  ...session("npm run local", ["local"]),
  ...session("npm run copilot -- --try", ["copilot", "--try"], 18),
];
writeFileSync(`${root}docs/terminal.svg`, draw(lines.slice(0, -1)));
