/** A file that is dropped beside the place for it would open in the page's stead, and the page be gone. */

/** For as long as the page lives; where files may be dropped, the event is taken before it comes here. */
export function guardDrops(): void {
  for (const name of ['dragover', 'drop'] as const) {
    addEventListener(name, (event) => {
      if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'none'
    })
  }
}
