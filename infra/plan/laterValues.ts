import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod/mini";
import type { Fault } from "../../core/errors";
import { faultAt, type Path } from "../../core/settings/settingsFaults";
import { valueIfKnown } from "../known";
import type { GraphAppArgs, PlannedAppArgs } from "../components/graphApp";

/**
 * Arguments that come from other resources. The plan waits for each, and judges it as any other. In a preview, the value of a resource
 * that does not exist yet is unknown. Then the arguments are judged with a placeholder.
 */
export class LaterValues {
  readonly #values = new Map<string, pulumi.Input<string>>();

  /** @param like Makes the placeholder of an unknown value from a GUID. Default: the GUID. */
  async known(value: pulumi.Input<string>, like: (id: string) => string = (id) => id): Promise<string> {
    // As it is, so that a wrong type is judged.
    if (!pulumi.Output.isInstance(value) && !(value instanceof Promise)) return value;
    const known = await valueIfKnown(pulumi.output(value));
    if (known !== undefined) return known;
    const placeholder = like(randomUUID());
    this.#values.set(placeholder, value);
    return placeholder;
  }

  /** Whether it is a placeholder. */
  isLater(value: pulumi.Input<string>): boolean {
    return typeof value === "string" && this.#values.has(value);
  }

  /** Replaces every placeholder in what is registered, and puts in the names that the program gave. */
  restored(
    planned: PlannedAppArgs,
    federated: readonly Named[],
    readers: readonly NamedReader[],
  ): PlannedAppArgs {
    const names = new Map(readers.map(({ id, name }) => [id, name]));
    const withReaders = <Published extends NonNullable<PlannedAppArgs["secret"]>>(published: Published) => ({
      ...published,
      readers: published.readers.map((reader) => {
        const name = names.get(reader.id as string);
        return { ...reader, id: this.#restore(reader.id), ...(name === undefined ? {} : { name }) };
      }),
    });
    return {
      ...planned,
      owners: { ...planned.owners, objectIds: planned.owners.objectIds.map((owner) => this.#restore(owner)) },
      federated: planned.federated.flatMap(({ name, issuer, subject, audience }, index) => {
        const given = federated[index]?.name;
        // Its name is made from both.
        if (given === undefined && (this.isLater(issuer) || this.isLater(subject))) return [];
        return [
          { name: given ?? name, issuer: this.#restore(issuer), subject: this.#restore(subject), audience },
        ];
      }),
      ...(planned.secret === undefined ? {} : { secret: withReaders(planned.secret) }),
      ...(planned.certificate === undefined ? {} : { certificate: withReaders(planned.certificate) }),
    };
  }

  #restore(text: pulumi.Input<string>): pulumi.Input<string> {
    return (typeof text === "string" ? this.#values.get(text) : undefined) ?? text;
  }
}

interface Named {
  readonly name?: string;
}

interface NamedReader extends Named {
  readonly id: string;
}

/** What is wrong with arguments that no setting has: names of readers and federated credentials, and the ID of another stack. */
export function argumentFaults(
  app: string,
  { federated = [], readers = [], stackId }: GraphAppArgs,
): Fault[] {
  return [
    ...(stackId === undefined || z.guid().safeParse(stackId).success
      ? []
      : [
          {
            ...faultAt(
              ["apps", app, "stackId"],
              {},
              "A stack's ID is a GUID.",
              "Give the output stackId of the app's former stack, or none.",
            ),
            value: JSON.stringify(stackId),
          },
        ]),
    ...badNames(["apps", app, "federated"], federated, 3, 120),
    ...badNames(["apps", app, "readers"], readers, 1, 64),
  ];
}

function badNames(list: Path, given: readonly Named[], shortest: number, longest: number): Fault[] {
  return given.flatMap(({ name }, index) => {
    if (name === undefined) return [];
    const first = given.findIndex((other) => other.name === name);
    const fits = /^[A-Za-z0-9][\w-]*$/.test(name) && name.length >= shortest && name.length <= longest;
    if (fits && first === index) return [];
    const reason = fits
      ? `[${first}] has this name, too.`
      : `A name has ${shortest} to ${longest} letters, digits, _ and -.`;
    const path = [...list, index, "name"];
    return [{ ...faultAt(path, {}, reason, "Give it another name, or none."), value: JSON.stringify(name) }];
  });
}
