"""Where do the networks find their evidence, and can a heat map be believed?"""
