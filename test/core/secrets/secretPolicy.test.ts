import { describe, expect, it } from "vitest";
import {
  appManagementPolicy,
  durationDays,
  secretPolicyFault,
  secretPolicyRefusal,
  type SecretPolicyQuestion,
} from "../../../core/secrets/secretPolicy";
import { secretLifetimeDays, type RotationDays } from "../../../core/secrets/rotation";

const rotation = { everyDays: 60, keepDays: 60, graceDays: 14 };
const policyId = "8c2f1a90-5b3d-4e7a-9c61-2d0e4f8b7a15";

const tenantPolicy = (passwordCredentials: readonly object[], more: object = {}) =>
  appManagementPolicy.parse({
    id: policyId,
    displayName: "Default policy",
    isEnabled: true,
    applicationRestrictions: { passwordCredentials, keyCredentials: [] },
    servicePrincipalRestrictions: null,
    ...more,
  });
const ownPolicy = (passwordCredentials: readonly object[], more: object = {}) =>
  appManagementPolicy.parse({
    id: policyId,
    isEnabled: true,
    restrictions: { passwordCredentials },
    ...more,
  });
const lifetime = (maxLifetime: string, more: object = {}) => ({
  restrictionType: "passwordLifetime",
  state: "enabled",
  maxLifetime,
  ...more,
});
const addition = { restrictionType: "passwordAddition", state: "enabled", maxLifetime: null };

const faultOf = (more: Partial<SecretPolicyQuestion>) =>
  secretPolicyFault({
    kind: "secret",
    app: "Mail",
    tenantPolicy: tenantPolicy([]),
    createdAt: new Date("2026-11-22T10:00:00Z"),
    rotation,
    ...more,
  });

describe("secretPolicyFault", () => {
  it("names both numbers and the setting that makes them fit", () => {
    expect(faultOf({ tenantPolicy: tenantPolicy([lifetime("P90D")]) })).toEqual({
      code: "SECRET_LIFETIME_OVER_POLICY",
      key: "copilot-token:rotation",
      value: "everyDays 60 + keepDays 60 + graceDays 14 = 134 days",
      reason: `A client secret would live 134 days, and the app management policy "Default policy" (${policyId}) of this tenant allows at most 90 days.`,
      repair:
        "pulumi config set --path 'copilot-token:rotation.everyDays' 38 && " +
        "pulumi config set --path 'copilot-token:rotation.keepDays' 38",
    });
  });

  it.each(["P134D", "P74D", "P30D", "P3D", "P2D", "PT12H"])(
    "suggests days that fit %s, or no client secret",
    (limit) => {
      const repair =
        faultOf({ rotation: { ...rotation, everyDays: 61 }, tenantPolicy: tenantPolicy([lifetime(limit)]) })
          ?.repair ?? "";
      const set = [...repair.matchAll(/rotation\.(\w+)' (\d+)/g)].map(([, key = "", days]) => [
        key,
        Number(days),
      ]);
      const fitted: RotationDays = { ...rotation, everyDays: 61, ...Object.fromEntries(set) };
      if (set.length === 0) expect(repair).toContain("Give the app no client secret");
      else expect(secretLifetimeDays(fitted)).toBe(durationDays(limit));
    },
  );

  it("tells that the tenant allows no client secret at all, before any lifetime", () => {
    const fault = faultOf({ tenantPolicy: tenantPolicy([lifetime("P90D"), addition]) });
    expect(fault).toMatchObject({ code: "SECRETS_FORBIDDEN_BY_POLICY", key: "copilot-token:apps.Mail" });
    expect(fault?.reason).toContain(policyId);
  });

  it.each([
    ["exactly as long as allowed", [lifetime("P134D")]],
    ["allowed to be longer", [lifetime("P180D")]],
    ["limited by a restriction that is off", [lifetime("P1D", { state: "disabled" })]],
    [
      "limited for younger apps alone",
      [lifetime("P1D", { restrictForAppsCreatedAfterDateTime: "2026-11-22T10:00:01Z" })],
    ],
    [
      "under a policy on certificates alone",
      [{ restrictionType: "asymmetricKeyLifetime", maxLifetime: "P1D" }],
    ],
    [
      "under a policy on secrets that people choose",
      [{ restrictionType: "customPasswordAddition", state: "enabled" }],
    ],
    ["under a limit that cannot be read: Graph has the last word", [lifetime("P3M")]],
  ])("has nothing against a secret that is %s", (_what, restrictions) => {
    expect(faultOf({ tenantPolicy: tenantPolicy(restrictions) })).toBeUndefined();
  });

  it.each([
    ["a second too long", "P133DT23H59M59S"],
    ["over the lower of two limits", "P100D"],
  ])("refuses a secret that is %s", (_what, shortest) => {
    const policy = tenantPolicy([lifetime("P365D"), lifetime(shortest)]);
    expect(faultOf({ tenantPolicy: policy })?.code).toBe("SECRET_LIFETIME_OVER_POLICY");
  });

  it("counts an app made at the very instant from which a restriction holds", () => {
    const policy = tenantPolicy([
      lifetime("P1D", { restrictForAppsCreatedAfterDateTime: "2026-11-22T10:00:00Z" }),
    ]);
    expect(faultOf({ tenantPolicy: policy })?.code).toBe("SECRET_LIFETIME_OVER_POLICY");
  });

  it("has nothing against a policy that is switched off", () => {
    expect(faultOf({ tenantPolicy: tenantPolicy([addition], { isEnabled: false }) })).toBeUndefined();
  });

  it("uses the application's own policy, which replaces the tenant's", () => {
    const strict = tenantPolicy([addition]);
    expect(faultOf({ tenantPolicy: strict, ownPolicy: ownPolicy([]) })).toBeUndefined();
    expect(faultOf({ ownPolicy: ownPolicy([lifetime("P30D")]) })?.reason).toContain(
      `the app management policy ${policyId} of this tenant allows at most 30 days`,
    );
    expect(faultOf({ tenantPolicy: strict, ownPolicy: ownPolicy([], { isEnabled: false }) })).toBeUndefined();
  });
});

describe("secretPolicyFault of a certificate", () => {
  const keyPolicy = (restriction: object) =>
    appManagementPolicy.parse({
      id: policyId,
      isEnabled: true,
      applicationRestrictions: { keyCredentials: [{ state: "enabled", ...restriction }] },
    });

  it("goes by the rules on keys, and a client secret's by its own", () => {
    const policy = keyPolicy({ restrictionType: "asymmetricKeyLifetime", maxLifetime: "P90D" });
    expect(faultOf({ kind: "certificate", tenantPolicy: policy })).toMatchObject({
      code: "CERTIFICATE_LIFETIME_OVER_POLICY",
      reason: expect.stringMatching(
        /^A certificate would live 134 days, and .* allows at most 90 days\.$/,
      ) as string,
    });
    expect(faultOf({ kind: "secret", tenantPolicy: policy })).toBeUndefined();
    expect(faultOf({ kind: "certificate", tenantPolicy: tenantPolicy([addition]) })).toBeUndefined();
  });

  it("refuses the vault's own certificates where only those of trusted authorities are accepted", () => {
    const policy = keyPolicy({ restrictionType: "trustedCertificateAuthority" });
    expect(faultOf({ kind: "certificate", tenantPolicy: policy })?.code).toBe(
      "CERTIFICATES_FORBIDDEN_BY_POLICY",
    );
  });
});

describe("secretPolicyRefusal", () => {
  it("makes the same fault of Graph's refusal of a lifetime", () => {
    const message = `ApplicationsClient.BaseClient.Post(): unexpected status 400 with OData error: CredentialInvalidLifetimeAsPerAppPolicy: Credential lifetime exceeds the max value allowed as per assigned policy '${policyId}'.`;
    const fault = secretPolicyRefusal("secret", message, "Mail", rotation);
    expect(fault).toMatchObject({ code: "SECRET_LIFETIME_OVER_POLICY", key: "copilot-token:rotation" });
    expect(fault?.reason).toBe(
      `A client secret would live 134 days, and the app management policy ${policyId} of this tenant allows less.`,
    );
  });

  it("makes the same fault of Graph's refusal of any secret", () => {
    const message = `CredentialTypeNotAllowedAsPerAppPolicy: Credential type not allowed as per assigned policy '${policyId}'.`;
    expect(secretPolicyRefusal("secret", message, "Mail", rotation)?.code).toBe(
      "SECRETS_FORBIDDEN_BY_POLICY",
    );
  });

  it("leaves every other refusal alone", () => {
    expect(secretPolicyRefusal("secret", "Authorization_RequestDenied", "Mail", rotation)).toBeUndefined();
  });
});

describe("durationDays", () => {
  it.each([
    ["P180D", 180],
    ["P4DT12H", 4.5],
    ["PT36H", 1.5],
    ["PT90M", 0.0625],
    ["P1DT0.5S", 1 + 0.5 / 86_400],
    ["P0D", 0],
    ["P", undefined],
    ["P1DT", undefined],
    ["P6M", undefined],
    ["P1Y", undefined],
    ["180", undefined],
    ["", undefined],
  ])("reads %s as %s", (text, days) => {
    expect(durationDays(text)).toBe(days);
  });
});
