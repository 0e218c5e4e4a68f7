"""物品: what lies in the store. Taking from it and adding to it are not here yet: a list that comes again says what is there."""
