-- IMMEDIATE: waiting for another writer happens here and nowhere in the middle.
BEGIN IMMEDIATE
