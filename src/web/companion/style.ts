/** Styles that come with what they dress, so that the code does not wait for the chats'. */

/** Adds a style sheet of this origin to the page. @throws Error when it cannot be fetched */
export function loadStyle(href: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = href
    link.addEventListener('load', () => resolve())
    link.addEventListener('error', () => {
      link.remove()
      reject(new Error(`${href} could not be fetched`))
    })
    document.head.append(link)
  })
}
