import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import ts from "typescript";

/** A command that a message of the product names, outside of a suggested fix. */
export interface CommandText {
  readonly file: string;
  /** From the command to the next mark of punctuation, as written in the source; `…` for what is put in. */
  readonly text: string;
}

const command =
  /\bnpm (?:run|ci)\b.*|\bpulumi (?:up|preview|refresh|cancel|login|config|stack|state|import|destroy|plugin)\b.*|(?<![\w.])az [a-z]+ [a-z].*|(?<![\w.])az login.*|(?<![\w.])gh [a-z]+ .*/s;

/** Functions of the product that make a command. */
const builders = new Set([
  "upCommand",
  "refreshCommand",
  "clearPendingCommand",
  "ownCommand",
  "releaseCommand",
  "federatedDeletion",
  "providerRegistration",
  "groupCreation",
  "vaultRecovery",
  "secretRecovery",
  "servicePrincipalCreation",
  "roleAssignment",
]);

/** What is said in these calls is a fix's own, or the description of a setting. */
const fixCalls = new Set(["commandFix", "personFix", "waitFix", "describe"]);
/** The help of a command. */
const helpProperties = new Set(["summary", "help", "notes"]);

/** Where commands are made and said in other words, and where the documentation of error codes lies. */
const dataFiles = new Set(["core/fix.ts", "core/azureCli.ts", "core/errorCodes.ts", "core/otherProgram.ts"]);

/** Every command text in the product's sources that is not part of a suggested fix. */
export function commandTexts(): CommandText[] {
  const files = execFileSync("git", ["ls-files", "core", "azure", "infra", "copilot", "scripts"], {
    encoding: "utf8",
  }).split("\n");
  return files.filter((file) => file.endsWith(".ts") && !dataFiles.has(file)).flatMap(textsIn);
}

function textsIn(file: string): CommandText[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const found: CommandText[] = [];
  const visit = (node: ts.Node): void => {
    if (isOfFix(node)) return;
    const text = textOf(node, source);
    const said = text === undefined ? undefined : command.exec(text)?.[0];
    if (said !== undefined) {
      found.push({ file, text: (said.split(/[`;)"\n]|\. |, |\.$/)[0] ?? "").trim() });
    }
    if (text !== undefined && !ts.isTemplateExpression(node)) return;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

function isOfFix(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return fixCalls.has(calledName(node));
  return ts.isPropertyAssignment(node) && helpProperties.has(node.name.getText());
}

function calledName({ expression }: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

function textOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isImportDeclaration(node)) return "";
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => `…${literal.text}`)].join("");
  }
  // As a command of its own, whichever it makes.
  if (ts.isCallExpression(node) && builders.has(calledName(node))) return `npm run (${node.getText(source)})`;
  return undefined;
}
