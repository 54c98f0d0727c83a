import { fixKinds } from "../../core/fix";
import { scenarios } from "../fixes/scenarios";
import { figures } from "../support/figures";

/** docs/figures.md, from what the tests count. */
export function figuresPage(): string {
  const { neighbours, commandsBesideNeighbours, killPoints } = figures;
  const { firstDeployment, rotation, bootstrap, ownApp } = killPoints;
  const kinds = Object.values(fixKinds);
  const commands = kinds.filter((kind) => kind === "command").length;
  return [
    "# Figures",
    "",
    "What the tests count in the emulated tenant, in each run of CI. A test fails where its count differs from this page.",
    "",
    "| what                                                                 | figure |",
    "| --- | --- |",
    `| neighbours of the stack: apps, enterprise apps and managed identities of others, all of one name | ${neighbours} |`,
    `| commands after which every neighbour is unchanged, byte for byte | ${commandsBesideNeighbours} |`,
    `| moments at which a first deployment is killed, before and after each request; \`pulumi up\` alone finishes it | at least ${firstDeployment} |`,
    `| the same of a rotation | at least ${rotation} |`,
    `| the same of the bootstrap of identities | at least ${bootstrap} |`,
    `| the same of a first deployment of \`GraphApp\` in a program of another project | at least ${ownApp} |`,
    `| suggested fixes that a command carries out | ${commands} |`,
    `| of these, run by a test in the condition that prints them | ${Object.keys(scenarios).length} |`,
    `| suggested fixes that only a person can carry out, or that pass by themselves | ${kinds.length - commands} |`,
    `| files of the npm package | at most ${figures.package.files} |`,
    `| its size when it is installed, in kilobytes | at most ${figures.package.kilobytes} |`,
    "",
  ].join("\n");
}
