/** Tables and numbers for a terminal. */

/** Columns, the first to the left and the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n')
}

/** Three digits that count: 0.0192, 5.37, 1,234, 12.3M. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return '∞'
  if (Math.abs(value) >= 100_000) {
    return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(value)
  }
  const options = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }
  return new Intl.NumberFormat('en', options).format(value)
}

export function dollars(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2
  return `$${new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: digits }).format(value)}`
}
