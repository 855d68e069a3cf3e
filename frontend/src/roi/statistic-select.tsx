/** Chooses the statistic that charts of regions show. */
import { STATISTICS } from "./statistic";
import type { Statistics } from "./use-statistics";

export function StatisticSelect({ id, statistics }: { id: string; statistics: Statistics }) {
  const { chosen, prefer } = statistics;
  return (
    <label class="path" title="What is shown of every region, in all charts of regions">
      <span>{STATISTICS.find(([key]) => key === chosen)?.[1]}</span>
      <select
        aria-label={`statistic of ${id}`}
        value={chosen}
        onChange={({ currentTarget }) => {
          const found = STATISTICS.find(([key]) => key === currentTarget.value);
          if (found !== undefined) prefer(found[0]);
        }}
      >
        {STATISTICS.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
