import * as pulumi from "@pulumi/pulumi";

/** What the plan says of a resource. */
interface Planned {
  readonly name: string;
  readonly value: string;
  readonly secret?: boolean;
  readonly dependsOn?: string[];
  /** Takes its value from another resource's output. */
  readonly from?: string;
  readonly options?: pulumi.CustomResourceOptions;
}

interface Inputs {
  readonly name: string;
  readonly value: string;
  readonly record: string;
  readonly refuse: string;
}

// Writes down what it is told to do, and refuses where `refuse` says `create web` and the like.
const provider: pulumi.dynamic.ResourceProvider = {
  check: (_olds, news: Inputs) =>
    Promise.resolve({
      inputs: news,
      failures: news.value === "invalid" ? [{ property: "value", reason: "It is invalid." }] : [],
    }),
  diff: (_id, olds: Inputs, news: Inputs) =>
    Promise.resolve({
      changes: olds.value !== news.value,
      replaces: news.value === "another" && olds.value !== news.value ? ["value"] : [],
    }),
  async create(inputs: Inputs) {
    const { appendFile } = await import("node:fs/promises");
    if (inputs.refuse.split(",").includes(`create ${inputs.name}`))
      throw new Error(`${inputs.name} is refused`);
    await appendFile(inputs.record, `create ${inputs.name}\n`);
    if (inputs.value === "kill") process.kill(process.pid, "SIGKILL");
    return { id: `id-of-${inputs.name}`, outs: { ...inputs, echo: `echo of ${inputs.value}` } };
  },
  async update(_id, _olds, news: Inputs) {
    const { appendFile } = await import("node:fs/promises");
    await appendFile(news.record, `update ${news.name}\n`);
    return { outs: { ...news, echo: `echo of ${news.value}` } };
  },
  async delete(_id, props: Inputs) {
    const { appendFile } = await import("node:fs/promises");
    // The refusal of the day is in a file, since what is deleted has only what it was made with.
    const { readFile } = await import("node:fs/promises");
    const refused = await readFile(`${props.record}.refuse`, "utf8").catch(() => "");
    if (refused === props.name) throw new Error(`${props.name} cannot go`);
    await appendFile(props.record, `delete ${props.name}\n`);
  },
};

class Recorder extends pulumi.dynamic.Resource {
  declare readonly echo: pulumi.Output<string>;

  constructor(name: string, props: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { echo: undefined, ...props }, opts);
  }
}

export = async () => {
  const config = new pulumi.Config("test");
  const made = new Map<string, Recorder>();
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const before = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
    outputs: { run?: number };
  };
  const echoes: Record<string, pulumi.Output<string>> = {};
  for (const { name, value, secret, from, dependsOn = [], options } of config.requireObject<Planned[]>(
    "plan",
  )) {
    const resource = new Recorder(
      name,
      {
        name,
        value: from === undefined ? (secret === true ? pulumi.secret(value) : value) : made.get(from)?.echo,
        record: config.require("record"),
        refuse: config.get("refuse") ?? "",
      },
      { ...options, dependsOn: dependsOn.map((needed) => made.get(needed) ?? []).flat() },
    );
    made.set(name, resource);
    echoes[name] = resource.echo;
  }
  return { run: (before.outputs.run ?? 0) + 1, echoes };
};
