// Where things are on the companion's page, and what people do there.

/** Opens a chat of the list. */
export async function open(page, name) {
  await page.getByRole('list', { name: 'Chats' }).getByRole('button', { name }).click()
  await page.getByRole('textbox', { name: 'Write a message' }).waitFor()
  return page
}

export function field(page) {
  return page.getByRole('textbox', { name: 'Write a message' })
}

export async function write(page, words) {
  await field(page).fill(words)
  await field(page).press('Enter')
  return page
}

export async function openSettings(page) {
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('dialog', { name: 'Settings' }).waitFor()
  return page
}

/** Opens the menu of the message with these words; anew, if it is open. */
export async function openMenu(page, words) {
  if ((await page.getByRole('menu').count()) > 0) await page.keyboard.press('Escape')
  const message = page.locator('.message', { hasText: words }).last()
  await message.hover()
  await message.getByRole('button', { name: 'Message: more' }).click()
  await page.getByRole('menu').waitFor()
  return page
}
