// Replaces GitHub's CLI: knows the few calls that the workflows make, word by word, and plays their answers from
// the folder in GH_STAND_IN: runs.json, issues.json, and the artifacts below artifacts/.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const { GH_STAND_IN: folder = "", GH_TOKEN, GITHUB_REPOSITORY: repository } = process.env;
const words = process.argv.slice(2);
const read = (name) =>
  existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), "utf8")) : [];
const write = (name, value) => writeFileSync(join(folder, name), JSON.stringify(value));
const refuse = (why) => {
  console.error(`gh: ${why}: ${JSON.stringify(words)}`);
  process.exit(1);
};
if (GH_TOKEN !== "token-of-the-run") refuse("not signed in");

// Pages that are not requested are not shown.
const paginate = words[1] === "--paginate";
if (paginate) words.splice(1, 1);
const [, artifacts, perPage] =
  new RegExp(`^repos/${repository}/actions/artifacts\\?name=(outputs-[\\w-]+)&per_page=(\\d+)$`).exec(
    words[1],
  ) ?? [];
const [, runId] = new RegExp(`^repos/${repository}/actions/runs/(\\d+)$`).exec(words[1]) ?? [];
const isTip = words[1] === `repos/${repository}/git/ref/heads/main`;
const [, compared] =
  new RegExp(`^repos/${repository}/compare/tip-of-main\\.\\.\\.([\\w-]+)$`).exec(words[1]) ?? [];
const flag = (name) => words[words.indexOf(name) + 1];

if (words[0] === "api" && artifacts !== undefined) {
  if (flag("--jq") !== ".artifacts[] | select(.expired | not) | .workflow_run.id") refuse("another --jq");
  const named = read("runs.json").filter((run) => run.artifacts.includes(artifacts));
  for (const run of paginate ? named : named.slice(0, Number(perPage))) {
    if (!run.expired) console.log(run.id);
  }
} else if (words[0] === "api" && runId !== undefined) {
  if (flag("--jq") !== "[.path, .event, .head_branch, .head_sha] | @tsv") refuse("another --jq");
  const run = read("runs.json").find(({ id }) => String(id) === runId) ?? refuse("no such run");
  if (run.unanswered) refuse("HTTP 502");
  console.log([run.path, run.event, run.branch, run.commit ?? "on-main"].join("\t"));
} else if (words[0] === "api" && isTip && flag("--jq") === ".object.sha") {
  console.log("tip-of-main");
} else if (words[0] === "api" && compared !== undefined && flag("--jq") === ".ahead_by") {
  console.log(compared === "on-main" ? 0 : 1);
} else if (words.slice(0, 2).join(" ") === "run download" && flag("--repo") === repository) {
  const from = join(folder, "artifacts", flag("--name"));
  for (const file of readdirSync(from)) cpSync(join(from, file), file);
  write("downloads.json", [...read("downloads.json"), words[2]]);
} else if (words[0] === "issue" && flag("--repo") === repository) {
  const issues = read("issues.json");
  switch (words[1]) {
    case "list": {
      if (flag("--jq") !== "map(select(.title == env.TITLE))[0].number // empty") refuse("another --jq");
      const found = issues.findIndex(({ title }) => title === process.env.TITLE);
      if (found >= 0) console.log(found + 1);
      break;
    }
    case "create":
      write("issues.json", [...issues, { title: flag("--title"), bodies: [flag("--body")] }]);
      break;
    case "comment":
      issues[Number(words[2]) - 1].bodies.push(flag("--body"));
      write("issues.json", issues);
      break;
    default:
      refuse("unknown");
  }
} else {
  refuse("unknown");
}
