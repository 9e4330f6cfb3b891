/**
 * The arrow keys in a list of buttons of which Tab reaches one (ARIA Authoring Practices, "roving tabindex"): up and
 * down, Home and End.
 */

/** @returns the button to go to; null for any other key, or at an end */
export function nextRow(event: KeyboardEvent, rows: readonly HTMLElement[]): HTMLElement | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null
  const at = rows.indexOf(event.target as HTMLElement)
  if (at === -1) return null
  switch (event.key) {
    case 'ArrowDown':
      return rows[at + 1] ?? null
    case 'ArrowUp':
      return rows[at - 1] ?? null
    case 'Home':
      return rows[0] ?? null
    case 'End':
      return rows.at(-1) ?? null
    default:
      return null
  }
}
