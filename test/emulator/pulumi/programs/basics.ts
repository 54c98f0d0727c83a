import * as pulumi from "@pulumi/pulumi";
import { RandomString } from "@pulumi/random";

class Pair extends pulumi.ComponentResource {
  readonly joined: pulumi.Output<string>;

  constructor(name: string) {
    super("test:index:Pair", name);
    const one = new RandomString(`${name}-one`, { length: 4 }, { parent: this });
    const other = new RandomString(`${name}-other`, { length: 4 }, { parent: this, dependsOn: [one] });
    this.joined = pulumi.interpolate`${one.result}/${other.result}`;
    this.registerOutputs({ joined: this.joined });
  }
}

export = () => {
  const pair = new Pair("pair");
  const after = new RandomString("after", { length: 4, keepers: { of: pair.joined } }, { dependsOn: [pair] });
  return { joined: pair.joined, after: after.result, hidden: pulumi.secret("s3cr3t"), plain: 1 };
};
