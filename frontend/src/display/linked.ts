/** The display of streams that are looked at together: whoever changes one changes all of them. */
import { Elsewhere, type Runner } from "./control";
import type { Display, Patch } from "./settings";

/** Of a stream, and of the others that are linked with it at the moment, by their names. */
export function linked(
  id: string,
  members: () => readonly string[],
  runnerOf: (id: string) => Runner,
): Runner {
  const own = runnerOf(id);
  const spread = async (patch: Patch, answer: Display): Promise<Display> => {
    const others = members().filter((member) => member !== id);
    const refusals = await Promise.all(
      others.map((member) =>
        runnerOf(member)
          .patch(patch)
          .then(
            () => [],
            (error: unknown) => [`${member}: ${error instanceof Error ? error.message : String(error)}`],
          ),
      ),
    );
    const text = refusals.flat().join("; ");
    if (text !== "") throw new Elsewhere(answer, text);
    return answer;
  };
  return {
    // The others follow: what this stream refuses is not for them either.
    patch: async (patch) => spread(patch, await own.patch(patch)),
    // One window for all, or they could not be compared.
    auto: async () => {
      const answer = await own.auto();
      return spread({ window: answer.window }, answer);
    },
  };
}
