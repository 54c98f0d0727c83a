import { personFix } from "../../../core/fix";
import { configKey } from "../../../core/settings/settingsFaults";
import type { AppEvidence } from "../evidence";
import type { Finding } from "../report";
import { smallerAlternatives } from "../smallerPermissions";

/** `least-privilege`: permissions that have a smaller one which often is enough; a note. */
export function checkLeastPrivilege(app: AppEvidence): Finding {
  const suggestions = app.outputs.permissions.flatMap((permission) => {
    const alternative = smallerAlternatives.get(permission);
    return alternative === undefined ? [] : [{ permission, alternative }];
  });
  if (suggestions.length === 0) {
    return { status: "pass", summary: "no permission has a known smaller alternative", evidence: {} };
  }
  const sources = [...new Set(suggestions.map(({ alternative }) => alternative.source))];
  const setting = configKey(["apps", app.name, "permissions"]);
  const others = suggestions.filter(({ alternative }) => alternative.isOtherWay === true);
  const advice = [
    ...(others.length < suggestions.length
      ? [`See whether the smaller permission is enough, and put it into ${setting}.`]
      : []),
    ...(others.length > 0
      ? [
          `See whether the other way is enough, and remove ${others.map(({ permission }) => permission).join(", ")} from ${setting}.`,
        ]
      : []),
  ];
  return {
    status: "note",
    summary: suggestions
      .map(({ permission, alternative }) => `${permission} -> ${alternative.instead}`)
      .join("; "),
    evidence: {
      reasons: suggestions.map(({ permission, alternative }) => `${permission}: ${alternative.why}`),
    },
    fixes: [personFix("privilege.smaller", `${advice.join(" ")} Source: ${sources.join(", ")}`)],
  };
}
