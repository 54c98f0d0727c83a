import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { jsonText, workflowCommand } from "../../../core/sinks";
import { describe, expect, it } from "vitest";
import { annotations, stepSummary } from "../../../scripts/verify/githubActions";
import { reportHtml } from "../../../scripts/verify/reportHtml";
import { reportJunit } from "../../../scripts/verify/reportJunit";
import { reportText } from "../../../scripts/verify/reportText";
import { verify } from "../../../scripts/verify/verify";
import { deployStack } from "../../support/deployedStack";
import { sampleReport } from "../../support/sampleReport";
import { armEnvironment, azureExchange, piped, testWorld } from "../../support/testWorld";

const schema = JSON.parse(readFileSync("scripts/verify/report.schema.json", "utf8")) as object;

function schemaFaults(text: string): unknown {
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  return validate(JSON.parse(text)) ? null : validate.errors;
}

describe("the report as JSON", () => {
  it("has the shape that its schema documents", () => {
    expect(schemaFaults(jsonText(sampleReport))).toBeNull();
  });

  it("has it for a real run too, and for one without outputs", async () => {
    const { tenant, clock, outputs } = await deployStack();
    const world = testWorld({
      env: armEnvironment(tenant, "deployer"),
      exchange: azureExchange(tenant),
      now: () => clock.now(),
      stdin: piped(JSON.stringify(outputs)),
    });
    expect(schemaFaults(jsonText(await verify(world, {})))).toBeNull();
    expect(schemaFaults(jsonText(await verify(testWorld({ directory: "/nonexistent" }), {})))).toBeNull();
  });

  it("is refused by its schema as soon as something unforeseen is in it", () => {
    expect(schemaFaults(JSON.stringify({ ...sampleReport, secret: "x" }))).not.toBeNull();
  });
});

describe("reportText", () => {
  it("shows each finding on a line, the repair below it, and the verdict last", () => {
    expect(reportText(sampleReport, false)).toBe(
      [
        "Tenant 5b1c2f0e-7a64-4d0c-9a3b-2f6d8e1c4a70, vault copilot-test",
        "Signed in as service principal 2c7e9b40-1d5f-4a86-b3c2-6e8f0a9d7154",
        "",
        "  ✓ outputs  1 app, from standard input",
        "",
        'CopilotAPIAuth (Copilot <b>"API"</b> & Auth), client 0b7d2a51-6c3e-4f80-9d1a-2e5f8c7b6a49',
        "  ✓ token              Entra accepts the client secret",
        "  ✗ permissions-extra  in the token, but not requested: Mail.Send <script>alert(2)</script> | 100%\uFFFDsecond line",
        "      -> Ask for it, or remove the grant: portal, Permissions.",
        "  ! rotation           due for 3 days",
        "      -> npm run rotate",
        "  i least-privilege    Mail.Send -> less",
        "      -> Try less.",
        "  - grants             the caller may not read it",
        "",
        "NOT VERIFIED: 2 pass, 1 note, 1 warn, 1 fail, 1 skip; 1.3 s",
      ].join("\n"),
    );
  });

  it("uses colours only when told", () => {
    expect(reportText(sampleReport, true)).toContain("\u001b[31m✗\u001b[0m permissions-extra");
  });
});

describe("reportJunit", () => {
  it("makes a suite of each app and a case of each check", () => {
    expect(reportJunit(sampleReport).split("\n")).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="copilot-token verify" tests="6" failures="1" skipped="1" time="1.250">',
      '  <testsuite name="stack" tests="1" failures="0" skipped="0" timestamp="2026-11-22T11:00:00.000Z">',
      '    <testcase classname="stack" name="outputs"><system-out>pass: 1 app, from standard input',
      "from: &quot;standard input&quot;</system-out></testcase>",
      "  </testsuite>",
      '  <testsuite name="CopilotAPIAuth" tests="5" failures="1" skipped="1" timestamp="2026-11-22T11:00:00.000Z">',
      '    <testcase classname="CopilotAPIAuth" name="token"><system-out>pass: Entra accepts the client secret',
      "expiresInSeconds: 3599</system-out></testcase>",
      '    <testcase classname="CopilotAPIAuth" name="permissions-extra"><failure type="fail" message="in the token, but not requested: Mail.Send &lt;script&gt;alert(2)&lt;/script&gt; | 100%\uFFFDsecond line">extra: [&quot;Mail.Send&quot;]',
      "directoryRoles: []",
      "count: 1",
      "sure: true",
      "nothing: null",
      "fix: Ask for it, or remove the grant: portal, Permissions.</failure></testcase>",
      '    <testcase classname="CopilotAPIAuth" name="rotation"><system-out>warn: due for 3 days',
      "fix: npm run rotate</system-out></testcase>",
      '    <testcase classname="CopilotAPIAuth" name="least-privilege"><system-out>note: Mail.Send -&gt; less',
      "fix: Try less.</system-out></testcase>",
      '    <testcase classname="CopilotAPIAuth" name="grants"><skipped message="the caller may not read it"/></testcase>',
      "  </testsuite>",
      "</testsuites>",
      "",
    ]);
  });

  it("counts warnings and notes as failures when strict", () => {
    expect(reportJunit({ ...sampleReport, strict: true })).toContain('tests="6" failures="3" skipped="1"');
  });
});

describe("GitHub Actions", () => {
  it("gets an annotation for whatever needs doing, in one line", () => {
    expect(annotations(sampleReport).map(workflowCommand)).toEqual([
      "::error title=CopilotAPIAuth%3A permissions-extra::in the token, but not requested: Mail.Send <script>alert(2)</script> | 100%25%0Asecond line. Ask for it, or remove the grant: portal, Permissions.",
      "::warning title=CopilotAPIAuth%3A rotation::due for 3 days. npm run rotate",
      "::notice title=CopilotAPIAuth%3A least-privilege::Mail.Send -> less. Try less.",
    ]);
  });

  it("gets a summary in which no cell breaks the table or becomes markup", () => {
    const lines = stepSummary(sampleReport).split("\n");
    expect(lines[0]).toBe("## ❌ Not verified");
    expect(lines[6]).toBe(
      "| ❌ fail | CopilotAPIAuth | `permissions-extra` | in the token, but not requested: Mail.Send \\<script\\>alert(2)\\</script\\> &#124; 100% second line. Ask for it, or remove the grant: portal, Permissions. |",
    );
  });
});

describe("reportHtml", () => {
  it("lets no name become markup and loads nothing from elsewhere", () => {
    const page = reportHtml(sampleReport);
    expect(page).not.toContain("<script");
    expect(page).not.toContain("<b>");
    expect(page).not.toMatch(/(?:src|href)="(?!data:,)/);
  });
});
