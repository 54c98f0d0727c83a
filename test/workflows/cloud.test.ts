import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { clouds } from "../../core/cloud/clouds";

/** What the steps of a job have after `. .github/cloud.sh`. */
function variables(environment: Record<string, string>): Record<string, string> {
  const said = execFileSync("bash", ["-ec", '. .github/cloud.sh; echo "exchange=$exchange_audience"; env'], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      ACTIONS_ID_TOKEN_REQUEST_URL: "https://github.example/token?v=1",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
      ...environment,
    },
  });
  const lines = said.split("\n").map((line) => /^(exchange|ARM_OIDC_\w+|AZURE_\w+)=(.*)$/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => (match === null ? [] : [[match[1], match[2]]])));
}

describe(".github/cloud.sh", () => {
  it.each([{}, { ARM_ENVIRONMENT: "" }, { ARM_ENVIRONMENT: "public" }])(
    "changes nothing in the public cloud: %j",
    (environment) => {
      expect(variables(environment)).toEqual({ exchange: clouds.public.exchangeAudience });
    },
  );

  it.each([
    ["usgovernment", clouds.usgovernment],
    ["usgovernmentl5", clouds.usgovernmentdod],
    ["dod", clouds.usgovernmentdod],
    ["china", clouds.china],
  ])("gives both providers the audience and the authority of %s", (environment, cloud) => {
    const { ARM_OIDC_REQUEST_URL: address = "", ...others } = variables({ ARM_ENVIRONMENT: environment });
    expect(others).toEqual({
      exchange: cloud.exchangeAudience,
      ARM_OIDC_AUDIENCE: cloud.exchangeAudience,
      ARM_OIDC_REQUEST_TOKEN: "bearer",
      AZURE_AUTHORITY_HOST: cloud.authority,
    });
    const url = new URL(address);
    expect([url.searchParams.get("audience"), url.searchParams.get("v")]).toEqual([
      cloud.exchangeAudience,
      "1",
    ]);
  });
});
