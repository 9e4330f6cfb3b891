/** How much is unread, where the page is seen while another is looked at: its tab's title and icon. */
import { formatUnread } from './format.ts'
import { text } from './text.ts'

const ICON = '/favicon.svg'
const UNREAD_ICON = '/favicon-unread.svg'

export function showUnread(unread: number): void {
  document.title = unread > 0 ? `(${formatUnread(unread)}) ${text('app.name')}` : text('app.name')
  const icon = document.querySelector('link[rel=icon]')
  const wanted = unread > 0 ? UNREAD_ICON : ICON
  if (icon?.getAttribute('href') !== wanted) icon?.setAttribute('href', wanted)
}
