/** The one table on the screen. Pure. */
import { type Figure, judge } from './figure.ts'
import { type Summary, summarise } from './statistics.ts'

/** A table with a line for each figure and subject, and one for each target beneath. */
export function tableOf(figures: readonly Figure[]): string {
  const rows: string[][] = [['figure', 'subject', 'median', 'least – most', 'rounds', '']]
  for (const figure of figures) {
    let { name } = figure
    for (const [subject, values] of Object.entries(figure.values)) {
      if (values.length === 0) continue
      const summary = summarise(values)
      rows.push([
        name,
        subject,
        `${number(summary.median)} ${figure.unit}`,
        spread(summary),
        String(summary.rounds),
        '',
      ])
      name = ''
    }
    for (const { of, base, is, limit, reached, met } of judge(figure)) {
      const times = base === null ? '' : ' ×'
      const what = base === null ? `${of} itself` : `${of} ÷ ${base}`
      const wanted = `${is} ${number(limit)}${times}: ${met ? 'met' : 'MISSED'}`
      rows.push([name, what, `${number(reached.median)}${times}`, spread(reached), '', wanted])
    }
    if (figure.note !== undefined) rows.push([`  ${figure.note}`])
  }
  return layOut(rows)
}

/** Three digits that mean something. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0 || Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))))
}

function spread({ least, most }: Summary): string {
  return `${number(least)} – ${number(most)}`
}

function layOut(rows: readonly string[][]): string {
  const widths: number[] = []
  for (const row of rows) {
    if (row.length > 1) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
