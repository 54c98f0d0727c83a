import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random";
import { OperatorError } from "../../../../core/errors";

class Unheard extends pulumi.CustomResource {}

// Goes wrong in the way that the configuration names.
export = async () => {
  const kind = new pulumi.Config("test").require("kind");
  const made = new RandomString("made", { length: 3 });
  if (kind === "operator") throw new OperatorError("SETTING_INVALID", "Set it otherwise.");
  if (kind === "run") throw new pulumi.RunError("Ends with this alone.");
  if (kind === "logs") await pulumi.log.error("it is amiss");
  if (kind === "bug") throw new TypeError("nobody foresaw this");
  if (kind === "apply") {
    const dependent = made.result.apply((): string => {
      throw new Error("thrown in an apply");
    });
    new RandomString("never", { length: 3, keepers: { dependent } });
    return { dependent };
  }
  if (kind === "waits") {
    made.result.apply(() => {
      throw new Error("and the rest waits");
    });
    await new Promise(() => undefined);
  }
  if (kind === "unknownFunction") await pulumi.runtime.invoke("nowhere:index:nothing", {});
  if (kind === "unknownType") new Unheard("nowhere:index:Thing", "thing", {});
  if (kind === "twice") new RandomString("made", { length: 3 });
  return {};
};
