SELECT noted_at, until_at FROM pause
