"""What is kept, and where: chats, attachments, settings, keys, drafts; everything on disk that outlives the program."""
