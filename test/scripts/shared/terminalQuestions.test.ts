import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { terminalQuestions } from "../../../scripts/shared/terminalQuestions";

function terminal() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  return { input, output, questions: terminalQuestions(input, output) };
}

describe("terminalQuestions", () => {
  it("gives each question its line, those that were pasted at once included", async () => {
    const { input, questions } = terminal();
    const first = questions.ask("First? ");
    input.write("one\rtwo\rthree\r");
    expect([await first, await questions.ask("Second? "), await questions.ask("Third? ")]).toEqual([
      "one",
      "two",
      "three",
    ]);
    questions.close();
  });

  it("shows the question", async () => {
    const { input, output, questions } = terminal();
    const answer = questions.ask("Stack [prod]: ");
    input.write("\r");
    expect(await answer).toBe("");
    expect(String(output.read())).toContain("Stack [prod]: ");
    questions.close();
  });

  it("completes the last word by Tab, and puts its case right", async () => {
    const { input, questions } = terminal();
    const answer = questions.ask("Permissions: ", ["Mail.Send", "User.Read.All"]);
    // Tab is a key only when it comes alone: in a paste it is a blank.
    for (const typed of ["User.Read.All, mail.s", "\t", "\r"]) input.write(typed);
    expect(await answer).toBe("User.Read.All, Mail.Send");
    questions.close();
  });

  it.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("ends with %s, also for the questions that follow", async (_name, key) => {
    const { input, questions } = terminal();
    const answer = questions.ask("Stack: ");
    input.write(key);
    await expect(answer).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect(questions.ask("Location: ")).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  it("leaves the terminal alone until something is asked", () => {
    const { input, questions } = terminal();
    expect(input.listenerCount("data") + input.listenerCount("keypress")).toBe(0);
    questions.close();
  });
});
